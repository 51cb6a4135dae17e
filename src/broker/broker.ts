// The embedded broker: an engine, its listeners, and the way in for this same process. It knows
// nothing of the bridge: app.ts hands its pipe to the link.

import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Client } from "aedes";
import { isLoopback } from "../config/loopback.ts";
import { toReason } from "../lib/errors.ts";
import { countPackets } from "../lib/frame-head.ts";
import { type JoinedWrites, type JoinOptions, joinWrites } from "../lib/joined-writes.ts";
import type { Logger } from "../lib/log.ts";
import type { AedesClient } from "./aedes-client.ts";
import { type BrokerFigures, readBrokerFigures } from "./broker-figures.ts";
import { Connection } from "./client-connection.ts";
import { type ClientList, createClientList } from "./client-list.ts";
import { correctConnack } from "./connack.ts";
import { createGuard } from "./connection-guard.ts";
import { type Engine, type EngineOptions, openEngine } from "./engine.ts";
import { createEventLog, type EventLog } from "./event-log.ts";
import { letLastWordsArrive } from "./last-words.ts";
import type { BrokerLimits } from "./limits.ts";
import { type Listening, type ListenOptions, openListeners } from "./listeners.ts";
import { openMemoryReturn } from "./memory-return.ts";
import type { Accept, Peer } from "./peer.ts";
import { createPipe } from "./pipe.ts";
import { createRetainedView, type RetainedView } from "./retained-view.ts";
import { publishSysTopics } from "./sys-topics.ts";
import { followLogins } from "./withdrawn-logins.ts";

export type { Listening } from "./listeners.ts";

export type BrokerOptions = Omit<ListenOptions, "onTlsFailure" | keyof BrokerLimits> &
  Omit<EngineOptions, "events"> & {
    readonly log: Logger;
    /** How often what is below $SYS is published, in seconds; 0 is never. */
    readonly sysIntervalSeconds: number;
  };

export type Broker = AsyncDisposable &
  ClientList & {
    /** Open connections from outside, accepted or about to be. */
    readonly connectionCount: number;
    /** What it counts and keeps, now. */
    figures(): BrokerFigures;
    readonly retained: RetainedView;
    /** Lets clients in from outside. Throws `port_taken`, `address_unavailable`. */
    listen(): Promise<Listening>;
    /** Serves MQTT on a stream that someone else accepted. */
    accept(stream: Duplex, peer: Peer): void;
    /** A connection without a socket, for a client in this process. */
    connect(): Duplex;
  };

const OWN: Peer = { address: "in process", host: "in process", door: "pipe" };

/** A broker that is ready for connections, and listens nowhere yet. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  await using stack = new AsyncDisposableStack();
  const events = stack.use(createEventLog(options.log));
  /** Those from outside. */
  const connections = new Set<Connection>();
  const engine = stack.use(await openEngine({ ...options, events }));
  followEvents(engine, events, options.log);
  stack.use(publishSysTopics(engine, connections, options.sysIntervalSeconds));
  stack.use(openMemoryReturn(connections));
  if (options.access) stack.use(followLogins(options.access, connections));
  const streams = new Set<Duplex>();
  const serve = createServe(engine, { connections, streams }, options, events);
  const joining = toJoinOptions(options.limits, engine, events);
  const accept = createAccept(engine, connections, options, events, (stream, peer) => {
    serve(stream, peer, joinWrites(stream, joining));
  });

  const owned = stack.move();
  return {
    get connectionCount() {
      return connections.size;
    },
    listen() {
      const listening = { ...options, ...options.limits, onTlsFailure: events.tlsFailed };
      return openListeners(listening, accept);
    },
    accept,
    connect() {
      const [near, far] = createPipe(joining);
      serve(far, OWN, far.writes);
      return near;
    },
    figures: () => readBrokerFigures(engine, connections),
    retained: createRetainedView(engine.retained),
    ...createClientList(engine.aedes, connections),
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
      for (const stream of streams) stream.destroy();
    },
  };
}

type Serve = (stream: Duplex, peer: Peer, writes: JoinedWrites) => void;

/** Speaks MQTT on a stream, to its end. */
function createServe(
  engine: Engine,
  { connections, streams }: { connections: Set<Connection>; streams: Set<Duplex> },
  options: BrokerOptions,
  events: EventLog,
): Serve {
  const guard = createGuard({
    ...options.limits,
    onPacket(bytes) {
      engine.statistics.messagesReceived += 1;
      engine.statistics.bytesReceived += bytes;
    },
    receive(packet, client, frame) {
      const { connection } = client as unknown as AedesClient;
      return connection !== undefined && engine.receive(connection, packet, frame);
    },
  });
  return (stream, peer, writes) => {
    streams.add(stream);
    const client = engine.aedes.handle(stream) as unknown as AedesClient;
    const connection = new Connection(client, stream, writes, peer);
    if (peer.door === "tcp" || peer.door === "tls") letLastWordsArrive(stream);
    if (!connection.isOwn) connections.add(connection);
    engine.statistics.socketCount += 1;
    stream.once("close", () => {
      streams.delete(stream);
      connections.delete(connection);
      const { leftOutCount = 0 } = connection.outbound ?? {};
      if (leftOutCount > 0) events.leftOut(peer, leftOutCount);
    });
    guard(client as unknown as Client);
  };
}

/** Lets a stranger in, when there is room. */
function createAccept(
  { statistics }: Engine,
  connections: ReadonlySet<Connection>,
  { limits }: BrokerOptions,
  events: EventLog,
  serve: (stream: Duplex, peer: Peer) => void,
): Accept {
  return (stream, peer) => {
    const refusal = findRefusal(limits, connections, peer);
    if (refusal === undefined) return serve(stream, peer);
    statistics.refusedCount += 1;
    events.refused(peer, refusal);
    stream.destroy();
  };
}

/** Why a connection may not come in; undefined when it may. */
function findRefusal(
  { connectionsMax, connectionsPerAddressMax }: BrokerLimits,
  connections: ReadonlySet<Connection>,
  { host }: Peer,
): string | undefined {
  const { size } = connections;
  if (size >= connectionsMax) return `${size} connections are open (--connections-max)`;
  if (isLoopback(host) || size < connectionsPerAddressMax) return undefined;
  const count = [...connections].filter(({ peer }) => peer.host === host).length;
  if (count < connectionsPerAddressMax) return undefined;
  return `${count} connections of its address are open (--connections-per-address-max)`;
}

type ClientStream = Duplex & { readonly client?: AedesClient };

/** How the writes of all connections are joined; one ends when its client leaves much unread. */
function toJoinOptions(
  { outputBytesMax, packetBytesMax }: BrokerLimits,
  { statistics }: Engine,
  events: EventLog,
): JoinOptions {
  return {
    // One more packet always fits: what one client may send, another must be able to get.
    waitingBytesMax: outputBytesMax + packetBytesMax,
    onOverflow(stream: ClientStream) {
      const peer = stream.client?.connection?.peer;
      if (peer) events.overflowed(peer, outputBytesMax);
      stream.destroy(new Error("slow reader"));
    },
    onFlush(joined, { client }: ClientStream) {
      const bytes = client ? correctFirst(joined, client) : joined;
      statistics.bytesSent += bytes.length;
      // A turn's bytes are whole packets, whoever wrote them.
      statistics.messagesSent += countPackets(bytes);
      return bytes;
    },
  };
}

/** Corrects what is said first. */
function correctFirst(bytes: Buffer, { connection, version }: AedesClient): Buffer {
  if (!connection || connection.hasSpoken) return bytes;
  connection.hasSpoken = true;
  return correctConnack(bytes, version, connection.isResumed);
}

function followEvents(
  { aedes, statistics, sessions }: Engine,
  events: EventLog,
  log: Logger,
): void {
  const toConnection = (client: Client) => (client as unknown as AedesClient | null)?.connection;
  aedes.on("clientReady", (client) => {
    const connection = toConnection(client);
    if (!connection) return;
    statistics.connectionCount += 1;
    statistics.clientsMax = Math.max(statistics.clientsMax, sessions.size - sessions.awayCount);
    events.connected(connection);
  });
  aedes.on("clientDisconnect", (client) => {
    const connection = toConnection(client);
    if (connection) events.left(connection);
  });
  const tell = (client: Client, error: Error) => {
    if (client.closed) return; // The reason was told; what was still to be written fails after it.
    const isRefused = events.closed(toConnection(client), toReason(error.cause ?? error));
    if (isRefused) statistics.refusedCount += 1;
  };
  aedes.on("clientError", tell).on("connectionError", tell);
  const emitter: EventEmitter = aedes; // "error" is not among aedes' typed events
  emitter.on("error", (error) => log.error(`the broker's engine failed: ${toReason(error)}`));
}
