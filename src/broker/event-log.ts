// The broker's log, for people: who came, from where, and why someone was refused. What happens
// again and again is told a few times, and then as a number. Made by broker.ts.

import type { Logger } from "../lib/log.ts";
import { quote } from "../lib/quotation.ts";
import type { Connection } from "./client-connection.ts";
import { addRemedy, describe, isVanishing, toCause, toVersionName } from "./event-words.ts";
import { createLineBudget, type LineBudget } from "./line-budget.ts";
import { type Peer, UNKNOWN_HOST } from "./peer.ts";

export type EventLog = AsyncDisposable &
  ReturnType<typeof createConnectionEvents> &
  ReturnType<typeof createEndEvents> &
  ReturnType<typeof createRightEvents> &
  ReturnType<typeof createLimitEvents>;

type Tell = LineBudget["tell"];

/** In a minute, from one address: people try things by hand. */
const CONNECTED_LINES_MAX = 30;
/** For what is not about one host. */
const ALL_HOSTS = "any address";

export function createEventLog(log: Logger): EventLog {
  const budget = createLineBudget({ log });
  return {
    ...createConnectionEvents(budget.tell, log),
    ...createEndEvents(budget.tell),
    ...createRightEvents(budget.tell),
    ...createLimitEvents(budget.tell, log),
    [Symbol.asyncDispose]: () => budget[Symbol.asyncDispose](),
  };
}

function createConnectionEvents(tell: Tell, log: Logger) {
  return {
    connected(connection: Connection): void {
      // The bridge itself is no news.
      if (connection.isOwn) return log.debug(() => `${describe(connection)} connected`);
      const { username, peer, client } = connection;
      const line = () => {
        const user = username === undefined ? "" : `, user ${quote(username)}`;
        const version = toVersionName(client.version);
        return `${describe(connection)} connected from ${peer.address} (MQTT ${version}${user})`;
      };
      tell("info", "a client connected", peer.host, line, CONNECTED_LINES_MAX);
    },
    left(connection: Connection): void {
      log.debug(() => `${describe(connection)} left`);
    },
    subscribed(connection: Connection, filters: readonly string[]): void {
      log.debug(() => `${describe(connection)} subscribed to ${filters.join(", ")}`);
    },
    /** Two devices with one id, or one that came back before it was missed. */
    takenOver(old: Connection, by: Connection): void {
      tell("info", "a client came again with the same id", by.peer.host, () => {
        const addresses = `${by.peer.address}: its connection from ${old.peer.address}`;
        return `${describe(by)} came again, from ${addresses} is closed (one id, one client)`;
      });
    },
  };
}

/** Connections that end, or do not begin, without their client wanting it. */
function createEndEvents(tell: Tell) {
  return {
    /** False when nobody refused anything: the client, or the network, is gone. */
    closed(connection: Connection | undefined, reason: string): boolean {
      const { host = UNKNOWN_HOST, address = host } = connection?.peer ?? {};
      const who = connection ? describe(connection) : "a connection";
      if (isVanishing(reason)) {
        // Devices are switched off, and laptops closed: that is their right.
        tell("info", "a connection was lost", host, () => `${who} is gone: ${reason} (${address})`);
        return false;
      }
      const how = connection?.id && !connection.session ? "refused" : "closed";
      tell("warn", `${how}: ${toCause(reason)}`, host, () => {
        return `${who} was ${how}: ${addRemedy(reason)}, from ${address}`;
      });
      return true;
    },
    /** It does not get as far as CONNECT. */
    refused({ address, host }: Pick<Peer, "address" | "host">, cause: string): void {
      tell("warn", `refused: ${cause}`, host, () => `refused ${address}: ${cause}`);
    },
    tlsFailed(host: string, reason: string): void {
      // Who is gone before it was accepted has no address.
      const who = host === UNKNOWN_HOST ? "a client that left at once" : host;
      tell("warn", `TLS failed: ${reason}`, host, () => `TLS with ${who} failed: ${reason}`);
    },
  };
}

/** What someone may not. */
function createRightEvents(tell: Tell) {
  return {
    denied(connection: Connection, topic: string): void {
      tell("warn", "a client was denied a topic", connection.peer.host, () => {
        const remedy = connection.permissions ? " (--acl-file)" : "";
        return `${describe(connection)} was denied ${quote(topic)}${remedy}`;
      });
    },
    filtersFull(connection: Connection, filter: string): void {
      tell("warn", "a client has too many filters", connection.peer.host, () => {
        const words = `has too many filters for ${quote(filter)}`;
        return `${describe(connection)} ${words} (--subscriptions-per-client-max)`;
      });
    },
  };
}

/** What a limit holds back, or drops. */
function createLimitEvents(tell: Tell, log: Logger) {
  return {
    slowed(connection: Connection): void {
      tell("warn", "a client sends too fast", connection.peer.host, () => {
        const remedy = "(--client-messages-per-second-max)";
        return `${describe(connection)} sends too fast, and is held back ${remedy}`;
      });
    },
    overflowed({ address, host }: Peer, bytes: number): void {
      tell("warn", "a client does not read", host, () => {
        const words = `does not read: disconnected with ${bytes} bytes unread`;
        return `${address} ${words} (--connection-output-bytes-max)`;
      });
    },
    leftOut({ address, host }: Peer, count: number): void {
      tell("warn", "a client read too slowly", host, () => {
        return `${address} read too slowly: ${count} QoS 0 messages were left out`;
      });
    },
    queueFull(id: string): void {
      tell(
        "warn",
        "the queue of a client is full",
        quote(id),
        () => {
          const remedy = "(--queue-messages-max, --queue-bytes-max)";
          return `the queue of client ${quote(id)} is full: what comes for it is dropped ${remedy}`;
        },
        1,
      );
    },
    retainedFull(topic: string): void {
      tell("warn", "there is no room for more retained messages", ALL_HOSTS, () => {
        const remedy = "(--retained-messages-max, --retained-bytes-max)";
        const fate = `${quote(topic)} is passed on, and not kept`;
        return `there is no room for more retained messages: ${fate} ${remedy}`;
      });
    },
    sessionRefused(id: string): void {
      tell("warn", "there is no room for more sessions", ALL_HOSTS, () => {
        const fate = `that of ${quote(id)} is not kept`;
        return `there is no room for more sessions: ${fate} (--sessions-max)`;
      });
    },
    sessionExpired(id: string): void {
      log.debug(() => `the session of ${quote(id)} has expired`);
    },
  };
}
