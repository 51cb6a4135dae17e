// One network connection to a broker. mqtt.js does CONNECT, keepalive, parsing and SUBSCRIBE; what
// must outlive the connection (publishes not yet acknowledged, messages being handled) is the
// session's, and kept by outbox and inbox: PUBLISH and its acknowledgements pass here as packets.
//
// mqtt.js' own publish is not used: it ignores the broker's Receive Maximum, sends its store again
// one message at a time after a reconnect, and has promises that never settle while offline.

import type { Duplex } from "node:stream";
import { MqttClient } from "mqtt";
import { type IPublishPacket, type Packet, writeToStream } from "mqtt-packet";
import { ViadutoError } from "../lib/errors.ts";
import { type JoinedWrites, joinWrites } from "../lib/joined-writes.ts";
import { findPacketProblem } from "../lib/packet-rules.ts";
import { type ClientOptions, toClientOptions } from "./client-options.ts";
import {
  type FailureFacts,
  toConnackFailure,
  toConnectionFailure,
  toDisconnectFailure,
} from "./failure.ts";
import {
  type FilterExchange,
  type RefusedFilter,
  type RequestedFilter,
  sendSubscribe,
  sendUnsubscribe,
} from "./filter-packets.ts";
import { createLimits, type ServerLimits } from "./server-limits.ts";
import type { MqttVersion } from "./state.ts";

export type ConnectionOptions = ClientOptions & {
  /** Called for every packet that came, the CONNACK that opens the connection being the first. */
  readonly onPacket: (packet: Packet, connection: Connection) => void;
};

/** How long a broker may take to close its side after DISCONNECT. */
const CLOSE_TIMEOUT_MS = 1_000;
/** DISCONNECT reason code "Disconnect with Will Message" (MQTT 5 section 3.14.2.1). */
const WITH_WILL = 0x04;
/** Said to mqtt.js in place of an acknowledgement: the link sends it later, by itself. */
const LATER = new Error("acknowledged later");

export class Connection {
  readonly version: MqttVersion;
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  readonly closed: Promise<ViadutoError>;
  isSessionPresent = false;
  limits: ServerLimits = createLimits(undefined);
  readonly #client: MqttClient;
  readonly #facts: FailureFacts;
  readonly #opened = Promise.withResolvers<void>();
  readonly #onPacket: ConnectionOptions["onPacket"];
  readonly #answerTimeoutMs: number;
  /** Runs while a SUBSCRIBE or UNSUBSCRIBE has no answer; there is one at a time. */
  #silence: ReturnType<typeof setTimeout> | undefined;
  #stream: Duplex | undefined;
  #writes: JoinedWrites | undefined;
  #failure: ViadutoError | undefined;
  /** The socket was accepted, whatever comes of it. */
  #isReached = false;

  private constructor(options: ConnectionOptions) {
    const { target, clientId, version } = options;
    this.version = version;
    this.#facts = { broker: target.label, clientId, version };
    this.#onPacket = options.onPacket;
    this.#answerTimeoutMs = options.connectTimeoutMs;
    const { promise, resolve } = Promise.withResolvers<ViadutoError>();
    this.closed = promise;
    this.#client = new MqttClient(() => this.#openStream(options), toClientOptions(options));
    // MQTT 3.1.1 has no such option, but mqtt.js asks here for it as well.
    this.#client.options.customHandleAcks = (_topic, _payload, packet, done) => {
      done(packet.qos === 2 ? LATER : 0);
    };
    this.#client.handleMessage = (packet, done) => {
      // An error lets mqtt.js go on without a PUBACK.
      done(packet.qos === 0 ? undefined : LATER);
    };
    this.#client.on("packetreceive", (packet) => this.#receive(packet));
    this.#client.on("connect", () => this.#opened.resolve());
    this.#client.on("error", (error) => {
      if (error === LATER) return;
      // mqtt.js would go on after what it could not parse, and wait for a packet that was just
      // lost.
      this.#fail(toConnectionFailure(this.#facts, error, this.#isReached));
      this.destroy();
    });
    this.#client.on("close", () => {
      const failure = this.#failure ?? new ViadutoError("broker_hung_up", { broker: target.label });
      this.#opened.reject(failure);
      resolve(failure);
    });
  }

  /** A connection on which CONNACK has said yes. Throws the reason when it did not. */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
    const connection = new Connection(options);
    const abort = () => connection.destroy();
    signal?.addEventListener("abort", abort);
    try {
      await connection.#opened.promise;
      return connection;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Bytes that the broker has not read yet. */
  get waitingBytes(): number {
    return this.#writes?.waitingBytes() ?? 0;
  }

  send(packet: Packet): void {
    if (!this.#stream || this.#stream.destroyed) return;
    writeToStream(packet, this.#stream, { protocolVersion: this.version });
  }

  /** PUBACK or PUBREC with success, which may leave the reason code out (section 3.4.2.1). */
  acknowledge(cmd: "puback" | "pubrec", messageId: number): void {
    if (!this.#stream || this.#stream.destroyed) return;
    const type = cmd === "puback" ? 0x40 : 0x50;
    this.#stream.write(Buffer.from([type, 2, messageId >> 8, messageId & 0xff]));
  }

  /**
   * Subscribes, and answers with the filters that the broker refused. `rh` is the Retain Handling
   * of those that have none of their own (MQTT 5 section 3.8.3.1), `identifier` comes with what
   * they bring. Ends the connection, with `subscribe_silent`, when no answer comes within the
   * connect timeout. One call at a time.
   */
  subscribe(
    filters: readonly (Omit<RequestedFilter, "rh"> & Partial<RequestedFilter>)[],
    { rh = 0, identifier }: Partial<Pick<RequestedFilter, "rh">> & { identifier?: number } = {},
  ): Promise<RefusedFilter[]> {
    const requested = filters.map((one) => ({ rh, ...one }));
    return sendSubscribe(this.#exchange("SUBSCRIBE"), requested, identifier);
  }

  /** Unsubscribes as `subscribe` does; a filter that the broker does not know is no error. */
  unsubscribe(filters: readonly string[]): Promise<void> {
    return sendUnsubscribe(this.#exchange("UNSUBSCRIBE"), filters);
  }

  /**
   * Says DISCONNECT and closes; resolves when the socket is closed. The broker drops the will,
   * unless `isWillWanted`.
   */
  async close(isWillWanted = false): Promise<void> {
    // Not mqtt.js' own end, which waits for a SUBACK that may never come.
    const reasonCode = isWillWanted ? WITH_WILL : 0;
    // MQTT 3.1.1 has no such code: there a connection that ends without DISCONNECT says it.
    if (this.version === 5 || !isWillWanted) this.send({ cmd: "disconnect", reasonCode });
    this.#stream?.end();
    const timer = setTimeout(() => this.destroy(), CLOSE_TIMEOUT_MS);
    await this.closed;
    clearTimeout(timer);
    this.destroy();
  }

  /** Closes without a word, as a crash would; the broker then publishes the will. */
  destroy(): void {
    this.#client.end(true);
  }

  #exchange(packet: string): FilterExchange {
    const { packetBytesMax } = this.limits;
    const wait = async <T>(answer: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => {
        this.#fail(new ViadutoError("subscribe_silent", { broker: this.#facts.broker, packet }));
        this.destroy();
      }, this.#answerTimeoutMs);
      this.#silence = timer;
      return answer.finally(() => clearTimeout(timer));
    };
    return { client: this.#client, packetBytesMax, wait };
  }

  #openStream(options: ConnectionOptions): Duplex {
    const stream = options.target.open();
    this.#stream = stream;
    stream.once("connect", () => {
      this.#isReached = true;
    });
    // The in-process pipe has joined its writes already.
    if (!Object.hasOwn(stream, "write")) this.#writes = joinWrites(stream);
    return stream;
  }

  // Runs before mqtt.js acts on the packet.
  #receive(packet: Packet): void {
    const problem = findPacketProblem(packet);
    if (problem) {
      // mqtt.js would throw out of its parser over a malformed Server Keep Alive, for instance.
      Object.assign(packet, { properties: undefined });
      this.#fail(
        new ViadutoError("broker_garbled", { broker: this.#facts.broker, reason: problem }),
      );
      return this.destroy();
    }
    if (packet.cmd === "connack") {
      const reasonCode = packet.reasonCode ?? packet.returnCode ?? 0;
      if (reasonCode > 0) return this.#fail(toConnackFailure(this.#facts, reasonCode));
      this.isSessionPresent = packet.sessionPresent;
      this.limits = createLimits(packet.properties);
    }
    if (packet.cmd === "disconnect") {
      const { reasonCode = 0, properties } = packet;
      this.#fail(toDisconnectFailure(this.#facts, reasonCode, properties?.reasonString));
    }
    // Some brokers send SUBACK behind all retained messages that it brings: those are its sign.
    if (packet.cmd === "publish" && packet.retain) this.#silence?.refresh();
    this.#onPacket(packet, this);
  }

  // The first reason is the true one; what follows it is only the fall.
  #fail(failure: ViadutoError): void {
    this.#failure ??= failure;
  }
}

/** A PUBLISH on its way in, with what mqtt-packet's type leaves out. */
export type IncomingPublish = IPublishPacket & { readonly payload: Buffer };
