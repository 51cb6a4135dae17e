// The broker's log, for people: who came, from where, and why someone was refused. What happens
// again and again is told once, and then as a number. Made by broker.ts.

import type { Logger } from "../lib/log.ts";
import type { Connection } from "./client-connection.ts";

export type EventLog = AsyncDisposable &
  ReturnType<typeof createConnectionEvents> &
  ReturnType<typeof createLimitEvents>;

/** Lines of one cause that are written in a while; the others are counted. */
const LINES_MAX = 5;
const WHILE_MS = 10_000;

type Level = "info" | "warn";
type Tell = (level: Level, cause: string, line: () => string, linesMax?: number) => void;

export function createEventLog(log: Logger): EventLog {
  const causes = new Map<string, { level: Level; leftOut: number; count: number }>();
  const tell: Tell = (level, cause, line, linesMax = LINES_MAX) => {
    const known = causes.getOrInsertComputed(cause, () => ({ level, leftOut: 0, count: 0 }));
    known.count += 1;
    if (known.count <= linesMax) log[level](line());
    else known.leftOut += 1;
  };
  const summarise = () => {
    for (const [cause, { level, leftOut }] of causes) {
      if (leftOut > 0) log[level](`${leftOut} times more: ${cause}`);
    }
    causes.clear();
  };
  const timer = setInterval(summarise, WHILE_MS);
  timer.unref();
  return {
    ...createConnectionEvents(tell, log),
    ...createLimitEvents(tell, log),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      summarise();
    },
  };
}

function createConnectionEvents(tell: Tell, log: Logger) {
  return {
    connected(connection: Connection): void {
      // The bridge itself is no news.
      if (connection.isOwn) return log.debug(() => `${describe(connection)} connected`);
      tell("info", "a client connected", () => {
        const { username, peer } = connection;
        const user = username === undefined ? "" : `, user '${username}'`;
        const version = toVersionName(connection.client.version);
        return `${describe(connection)} connected from ${peer.address} (MQTT ${version}${user})`;
      });
    },
    left(connection: Connection): void {
      log.debug(() => `${describe(connection)} left`);
    },
    subscribed(connection: Connection, filters: readonly string[]): void {
      log.debug(() => `${describe(connection)} subscribed to ${filters.join(", ")}`);
    },
    /** A connection ended that its client did not end. */
    closed(connection: Connection | undefined, reason: string): void {
      const who = connection ? describe(connection) : "a connection";
      tell("warn", `${connection?.peer.host ?? "unknown"}: ${reason}`, () => {
        return `${who} was closed: ${reason}`;
      });
    },
    refused(address: string, cause: string): void {
      tell("warn", `refused: ${cause}`, () => `refused ${address}: ${cause}`);
    },
    denied(connection: Connection, topic: string): void {
      tell("warn", `${describe(connection)} was denied a topic`, () => {
        return `${describe(connection)} was denied '${topic}'`;
      });
    },
  };
}

/** What a limit keeps out, or drops. */
function createLimitEvents(tell: Tell, log: Logger) {
  return {
    overflowed(address: string, bytes: number): void {
      tell("warn", `${address} does not read`, () => {
        return `${address} does not read: disconnected with ${bytes} bytes unread`;
      });
    },
    leftOut(address: string, count: number): void {
      tell("warn", `${address} read too slowly`, () => {
        return `${address} read too slowly: ${count} QoS 0 messages were left out`;
      });
    },
    queueFull(id: string): void {
      const line = `the queue of client '${id}' is full: what comes for it is dropped`;
      tell("warn", line, () => line, 1);
    },
    retainedFull(topic: string): void {
      tell("warn", "there is no room for more retained messages", () => {
        return `there is no room for more retained messages: '${topic}' is passed on, and not kept`;
      });
    },
    sessionRefused(id: string): void {
      tell("warn", "there is no room for more sessions", () => {
        return `there is no room for more sessions: that of '${id}' is not kept (--sessions-max)`;
      });
    },
    sessionExpired(id: string): void {
      log.debug(() => `the session of '${id}' has expired`);
    },
  };
}

function describe({ id }: Connection): string {
  return id ? `client '${id}'` : "a connection";
}

function toVersionName(version: number): string {
  return { 3: "3.1", 4: "3.1.1", 5: "5" }[version] ?? String(version);
}
