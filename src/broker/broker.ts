// The embedded broker: an aedes engine, its listeners, and the way in for this same process.
// It knows nothing of the bridge: app.ts hands its pipe to the link.

import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Aedes, Client, PublishPacket } from "aedes";
import { toReason } from "../lib/errors.ts";
import { joinWrites } from "../lib/joined-writes.ts";
import type { Logger } from "../lib/log.ts";
import { guardConnection } from "./connection-guard.ts";
import { openEngine } from "./engine.ts";
import { followGrants, type Output, type Outputs, paceRetained } from "./forwarding.ts";
import { type Listening, type ListenOptions, openListeners } from "./listeners.ts";
import type { Peer } from "./peer.ts";
import { createPipe } from "./pipe.ts";

export type { Listening } from "./listeners.ts";

export type BrokerOptions = ListenOptions & {
  readonly packetBytesMax: number;
  readonly connectionsMax: number;
  /** A client that leaves more bytes than this unread is disconnected. */
  readonly outputBytesMax: number;
  readonly connectTimeoutMs: number;
  readonly log: Logger;
  /** Asked before a message from outside is taken; what it gives is waited for. */
  readonly room: (topic: string) => Promise<void> | undefined;
  readonly onPublish: (packet: PublishPacket) => void;
};

export type Broker = AsyncDisposable & {
  /** Open connections from outside, accepted or about to be. */
  readonly connectionCount: number;
  /** Lets clients in from outside. Throws `port_taken`, `address_unavailable`. */
  listen(): Promise<Listening>;
  /** Serves MQTT on a stream that someone else accepted. */
  accept(stream: Duplex, peer: Peer): void;
  /** A connection without a socket, for a client in this process. */
  connect(): Duplex;
};

/** A broker that is ready for connections, and listens nowhere yet. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { log } = options;
  const outputs: Outputs = new WeakMap();
  const streams = new Set<Duplex>();
  const onQueueFull = (clientId: string) => {
    log.warn(`the queue of client '${clientId}' is full: what comes for it is dropped`);
  };
  const engine = await openEngine({ ...options, onQueueFull }, outputs);
  logEvents(engine, log);

  function accept(stream: Duplex, { address }: Peer): void {
    if (streams.size >= options.connectionsMax) {
      log.warn(`refused ${address}: ${streams.size} connections are open (--connections-max)`);
      stream.destroy();
      return;
    }
    streams.add(stream);
    stream.once("close", () => streams.delete(stream));
    outputs.set(stream, openOutput(stream, address, options));
    const client = engine.handle(stream);
    guardConnection(client, options);
    followGrants(client);
    paceRetained(client, outputs);
  }

  return {
    get connectionCount() {
      return streams.size;
    },
    listen: () => openListeners(options, accept),
    accept,
    connect() {
      const [near, far] = createPipe();
      guardConnection(engine.handle(far), options);
      return near;
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => engine.close(resolve));
      for (const stream of streams) stream.destroy();
    },
  };
}

/** Joins the writes of a connection, and ends it when its client leaves too much of them unread. */
function openOutput(stream: Duplex, address: string, options: BrokerOptions): Output {
  const { log, outputBytesMax, packetBytesMax } = options;
  const onOverflow = () => {
    log.warn(`${address} does not read: disconnected with ${outputBytesMax} bytes unread`);
    stream.destroy(new Error("slow reader"));
  };
  // One more packet always fits: what one client may send, another must be able to get.
  const waitingBytesMax = outputBytesMax + packetBytesMax;
  const writes = joinWrites(stream, { waitingBytesMax, onOverflow });
  const output: Output = { writes, leftOutCount: 0 };
  stream.once("close", () => {
    if (output.leftOutCount === 0) return;
    log.warn(`${address} read too slowly: ${output.leftOutCount} QoS 0 messages were left out`);
  });
  return output;
}

function logEvents(engine: Aedes, log: Logger): void {
  const describe = (client: Client) => (client.id ? `client '${client.id}'` : "a connection");
  engine.on("clientReady", (client) => {
    log.debug(() => `${describe(client)} connected (MQTT ${toVersionName(client.version)})`);
  });
  engine.on("subscribe", (subscriptions, client) => {
    const toFilters = () => subscriptions.map(({ topic }) => topic).join(", ");
    log.debug(() => `${describe(client)} subscribed to ${toFilters()}`);
  });
  engine.on("clientDisconnect", (client) => log.debug(() => `${describe(client)} left`));
  const warn = (client: Client, error: Error) => {
    if (client.closed) return; // The reason was told; what was still to be written fails after it.
    log.warn(`${describe(client)} was closed: ${toReason(error.cause ?? error)}`);
  };
  engine.on("clientError", warn).on("connectionError", warn);
  const events: EventEmitter = engine; // "error" is not among aedes' typed events
  events.on("error", (error) => log.error(`the broker's engine failed: ${toReason(error)}`));
}

function toVersionName(version: number): string {
  return { 3: "3.1", 4: "3.1.1", 5: "5" }[version] ?? String(version);
}
