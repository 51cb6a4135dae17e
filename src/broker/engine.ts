// aedes, set up as the engine of this broker: it accepts clients, keeps them alive and says goodbye
// to them; their messages and subscriptions are handled by this folder (receiving.ts). All
// corrections are made from outside, so that an application which uses viaduto as a library has
// them too. Opened by broker.ts.

import { Readable } from "node:stream";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { Packet } from "mqtt-packet";
import type { Access } from "../access/access.ts";
import type { BrokerStore, StoredWill } from "../store/broker-store.ts";
import type { AedesClient, Will } from "./aedes-client.ts";
import { disconnect, REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import type { EventLog } from "./event-log.ts";
import type { BrokerLimits } from "./limits.ts";
import { createAuthenticate, createPreConnect } from "./logins.ts";
import { OutboundConnection } from "./outbound-connection.ts";
import { createPersistence } from "./persistence.ts";
import type { Publication } from "./publication.ts";
import { mayPublish, publish, toPublication } from "./publishing.ts";
import { type ReceivingParts, receive } from "./receiving.ts";
import { restore } from "./restoring.ts";
import { RetainedMessages } from "./retained-messages.ts";
import { Router } from "./router.ts";
import { Sessions } from "./sessions.ts";
import { countDrop, createStatistics, type DropCause, type Statistics } from "./statistics.ts";
import { isSysTopic } from "./sys-topics.ts";
import { followClients } from "./take-over.ts";

export type EngineOptions = {
  readonly limits: BrokerLimits;
  readonly store: BrokerStore;
  /** Everybody may do everything when absent. */
  readonly access?: Access | undefined;
  /** False: who may not subscribe is told that it did not work, and not why. */
  readonly isDenialTold: boolean;
  /** The bridge's client id: its session is nobody else's, and may read everything. */
  readonly ownClientId?: string | undefined;
  /** Where the bridge says whether it is there, retained. */
  readonly ownStatusTopic?: string | undefined;
  readonly events: EventLog;
  readonly room: (topic: string) => Promise<void> | undefined;
  readonly onPublish: (publication: Publication) => void;
};

export type Engine = AsyncDisposable & {
  readonly aedes: Aedes;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly router: Router;
  readonly statistics: Statistics;
  /** True when a packet was taken, and aedes must not get it. */
  receive(connection: Connection, packet: Packet, frame: Buffer): boolean;
};

type Done = (error?: Error | null) => void;

const SWEEP_MS = 500;
const HOUR_SECONDS = 3_600;

/** What aedes asks of an emitter, and nothing happens: router.ts finds who gets what. */
const NO_EMITTER = {
  on: (_topic: string, _listener: unknown, done?: Done) => done?.(),
  removeListener: (_topic: string, _listener: unknown, done?: Done) => done?.(),
  emit: (_packet: unknown, done?: Done) => done?.(),
  close: (done: Done) => done(),
};

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const state = createState(options);
  const { events } = options;
  const parts: ReceivingParts = {
    ...options,
    ...state,
    onDenied: events.denied,
    onSubscribe: events.subscribed,
    onFiltersFull: events.filtersFull,
    onSlowed: events.slowed,
  };
  const aedes = createAedes(options, state);
  followClients(aedes, { sessions: state.sessions, onTakenOver: events.takenOver });
  publishWills(aedes, parts);
  aedes.on("connackSent", (_connack, client) => {
    const { connection } = client as unknown as AedesClient;
    // It may have left since: its session is away then, and must stay so.
    if (client.closed || !connection?.session || connection.outbound) return;
    startSending(connection, options.limits, state.statistics);
  });
  await aedes.listen();
  const wills = restore({ ...options, ...state, findRights: toRights(options.access) });
  // Their clients were cut off when the process before ended; they may be back in time.
  for (const will of wills) await scheduleWill(aedes, will);
  const sweeping = setInterval(() => state.sessions.sweep(Date.now()), SWEEP_MS);
  return {
    ...state,
    aedes,
    receive: (connection, packet, frame) => receive(parts, connection, packet, frame),
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping);
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}

function createAedes(options: EngineOptions, state: State): Aedes {
  const { limits, access } = options;
  const aedes = new Aedes({
    mq: NO_EMITTER,
    persistence: {
      ...createPersistence({ ...options, ...state }),
      // sessions.ts and outbound.ts do what aedes would do with these, in their own time.
      cleanSubscriptions: async () => {},
      subscriptionsByClient: async () => [],
      outgoingStream: () => Readable.from([]),
      streamWill: () => Readable.from([]),
    },
    connectTimeout: limits.connectTimeoutMs,
    maximumPacketSize: limits.packetBytesMax,
    topicAliasMaximum: limits.topicAliasesMax,
    receiveMaximum: limits.receiveMax,
    sessionExpiryIntervalLimit: limits.sessionHoursMax * HOUR_SECONDS,
    pendingSessionsLimit: limits.sessionsMax,
    preConnect: createPreConnect(limits.keepaliveSecondsMax),
    authenticate: createAuthenticate(access, state.sessions, (connection, reason) => {
      state.statistics.refusedCount += 1;
      state.statistics.refusedLoginCount += 1;
      options.events.closed(connection, reason);
    }),
  });
  // A client id named `constructor` or `__proto__` is found in a plain object without having been
  // put there, and ends the process (GHSA-52qw-whmv-87c5; remove when 2.0 has the fix of 1.1.3).
  return Object.assign(aedes, { clients: Object.create(null), brokers: Object.create(null) });
}

type State = ReturnType<typeof createState>;

function createState({ limits, store, events, ownStatusTopic }: EngineOptions) {
  const statistics = createStatistics();
  const drop = (cause: DropCause, tell: () => void) => {
    countDrop(statistics, cause);
    tell();
  };
  const onFull = (topic: string) => drop("retained_full", () => events.retainedFull(topic));
  const retained = new RetainedMessages({ limits, store, ownStatusTopic, onFull });
  const router = new Router(retained);
  const sessions = new Sessions({
    limits,
    store,
    router,
    onDrop: (id) => drop("queue_full", () => events.queueFull(id)),
    onRefused: (session) => events.sessionRefused(session.id),
    onExpired: (session) => {
      statistics.expiredCount += 1;
      events.sessionExpired(session.id);
    },
  });
  return { statistics, retained, router, sessions };
}

// From CONNACK on: what waits is sent, as fast as the client takes it.
function startSending(connection: Connection, limits: BrokerLimits, statistics: Statistics): void {
  const { client, stream, writes, facts, permissions, isOwn, session } = connection;
  const { receiveMax = 1, packetBytesMax = 1, topicAliasesMax = 0 } = facts ?? {};
  connection.outbound = new OutboundConnection({
    stream,
    writes,
    version: client.version,
    // [MQTT-3.3.4-9]
    window: isOwn ? receiveMax : Math.min(receiveMax, limits.inflightMessagesMax),
    packetBytesMax,
    topicAliasesMax: Math.min(topicAliasesMax, limits.topicAliasesMax),
    statistics,
    mayRead: permissions && ((topic) => permissions.mayRead(topic)),
    endOverQuota: () => disconnect(connection, REASON.quotaExceeded, "its queue is full"),
  });
  session?.outbound.attach(connection.outbound);
}

/** Lets aedes publish wills when they are due, and nothing of what it tells itself that way. */
function publishWills(aedes: Aedes, parts: ReceivingParts): void {
  Object.assign(aedes, {
    publish(packet: PublishPacket & Will, client: Client | Done | null, done?: Done) {
      const callback = typeof client === "function" ? client : done;
      const { connection } = (client ?? {}) as { connection?: Connection };
      const isAllowed =
        !isSysTopic(packet.topic) && (!connection || mayPublish(connection, packet.topic));
      if (isAllowed) {
        // PUBLISH has no such property: strict clients hang up over it
        // (github.com/moscajs/aedes/issues/1098; remove when that is closed).
        const { willDelayInterval: _delay, ...properties } = packet.properties ?? {};
        const publisherId = connection?.id ?? "";
        publish(parts, toPublication({ ...packet, properties }, publisherId));
      }
      callback?.(null);
    },
  });
}

/** A will of an earlier process, as if its client had left now. */
async function scheduleWill(aedes: Aedes, { clientId: id, delaySeconds, ...others }: StoredWill) {
  const engine = aedes as unknown as {
    readonly persistence: { putWill(client: { readonly id: string }, will: object): Promise<void> };
    scheduleWill(client: { readonly id: string }, will: object, delaySeconds: number): void;
  };
  const properties = { ...others.properties, willDelayInterval: delaySeconds };
  const will = { ...others, properties, cmd: "publish" };
  // aedes forgets it when it is published, or its client is back: it must be known for that.
  await engine.persistence.putWill({ id }, will);
  engine.scheduleWill({ id }, will, delaySeconds);
}

function toRights(access: Access | undefined) {
  return (person: { readonly username: string | undefined; readonly id: string }) => {
    const permissions = access?.permissionsOf({ username: person.username, clientId: person.id });
    return permissions && ((topic: string) => permissions.mayRead(topic));
  };
}
