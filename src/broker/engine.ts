// aedes, set up so that no input and no ordinary traffic can stop the process. Called by broker.ts.
// Each correction names the fault that it closes; all are made from outside, so that an application
// which uses viaduto as a library has them too.

import { Aedes, type Client, type PublishPacket } from "aedes";
import mqemitter from "mqemitter";
import { createForward, type Outputs, waitForRoom } from "./forwarding.ts";
import { createMemoryPersistence } from "./memory-persistence.ts";
import { correctTakeOver } from "./take-over.ts";

export type EngineOptions = {
  readonly packetBytesMax: number;
  readonly connectTimeoutMs: number;
  /**
   * Asked before a message from outside is taken: it is held back, unacknowledged, until the
   * promise resolves. Undefined when there is room.
   */
  readonly room: (topic: string) => Promise<void> | undefined;
  /** Called for every message that a client or a will publishes. */
  readonly onPublish: (packet: PublishPacket) => void;
  /** Called when messages for a client that is away begin to be dropped. */
  readonly onQueueFull: (clientId: string) => void;
};

const TOPIC_ALIASES_MAX = 10;
/** Packets that may come behind CONNECT before it is answered (aedes takes 42). */
const EARLY_PACKETS_MAX = 10_000;

type Done = (error?: Error | null) => void;

export async function openEngine(options: EngineOptions, outputs: Outputs): Promise<Aedes> {
  const aedes = new Aedes({
    // With a limit, the emitter queues and works the queue off by recursion: one slow subscriber
    // that leaves overflows the stack (github.com/mcollina/mqemitter/pull/94).
    mq: mqemitter({ concurrency: 0, matchEmptyLevels: true }),
    persistence: createMemoryPersistence({
      waitForRoom: (connection) => waitForRoom(outputs, connection),
      onFull: options.onQueueFull,
    }),
    connectTimeout: options.connectTimeoutMs,
    maximumPacketSize: options.packetBytesMax,
    topicAliasMaximum: TOPIC_ALIASES_MAX,
    queueLimit: EARLY_PACKETS_MAX,
    authorizeForward: createForward(outputs),
    authenticate: keepQueueOnResume,
  });
  // A client id named `constructor` or `__proto__` is found in a plain object without having been
  // put there, and ends the process (GHSA-52qw-whmv-87c5; remove when 2.0 has the fix of 1.1.3).
  Object.assign(aedes, { clients: Object.create(null), brokers: Object.create(null) });
  correctTakeOver(aedes);
  storeBeforeAcknowledging(aedes);
  holdBackForRoom(aedes, options, outputs);
  aedes.on("publish", (packet, client) => {
    if (client) options.onPublish(packet);
  });
  await aedes.listen();
  return aedes;
}

// A session that ends with its connection is still resumed whole, if it was kept before. aedes
// drops its queue: for aedes `clean` means both. With `clean` off, the session is kept as any other
// until its end, when its expiry interval is what counts. MQTT 3.1.1 has only the one flag. Runs
// once CONNECT is read, and before anything is done with it. (No upstream issue yet.)
function keepQueueOnResume(
  client: Client,
  _username: unknown,
  _password: unknown,
  done: (error: null, isLetIn: true) => void,
): void {
  const { _cleanStart: isCleanStart } = client as Client & { _cleanStart?: boolean };
  if (!isCleanStart) Object.assign(client, { clean: false });
  done(null, true);
}

/**
 * Makes a PUBACK follow the message's storing and forwarding. aedes acknowledges QoS 1 first and
 * publishes then, so that a crash in between loses an acknowledged message. Its authorization runs
 * before both: there the message is published, and the publish that follows the PUBACK is empty.
 * (No upstream fix yet; remove when aedes' publish handler writes its PUBACK last.)
 */
function storeBeforeAcknowledging(aedes: Aedes): void {
  const published = new WeakSet<object>();
  const publish = aedes.publish.bind(aedes) as (
    packet: PublishPacket,
    client: Client | Done | null,
    done?: Done,
  ) => void;

  Object.assign(aedes, {
    publish(packet: PublishPacket, client: Client | Done | null, done?: Done) {
      if (!published.delete(packet)) return publish(packet, client, done);
      done?.(null);
    },
  });
  aedes.authorizePublish = (client, packet, done) => {
    // Topics below $SYS are the broker's: `$SYS/<id>/new/clients` would disconnect any client.
    if (packet.topic.startsWith("$SYS/")) return done(new Error("$SYS/ is the broker's own"));
    // Only a will has no cmd. Its delay has passed, and PUBLISH has no such property: strict
    // clients, our link among them, hang up over it (github.com/moscajs/aedes/issues/1098; remove
    // when that is closed).
    const { cmd, qos, properties } = packet;
    if (cmd !== "publish" && properties)
      Object.assign(properties, { willDelayInterval: undefined });
    // QoS 0 has no PUBACK; QoS 2 is stored before its PUBREC already.
    if (cmd !== "publish" || qos !== 1) return done(null);
    publish(packet, client, (error) => {
      if (!error) published.add(packet);
      done(error ?? null);
    });
  };
}

/**
 * Holds publishers back while the bridge's handlers have no room: their PUBACK waits, and then
 * their socket. Only those from outside: the bridge's own publishes are what makes room.
 */
function holdBackForRoom(aedes: Aedes, { room }: EngineOptions, outputs: Outputs): void {
  const authorize = aedes.authorizePublish.bind(aedes);
  aedes.authorizePublish = (client, packet, done) => {
    const wait = client && outputs.has(client.conn) ? room(packet.topic) : undefined;
    if (!wait) return authorize(client, packet, done);
    void wait.then(() => authorize(client, packet, done));
  };
}
