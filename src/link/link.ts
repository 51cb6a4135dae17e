// The link: the bridge's one shared client. It keeps a session with the broker (inbox, outbox,
// subscriptions) through any number of network connections, and connects again by itself, for ever.

import { setTimeout as sleep } from "node:timers/promises";
import type { Packet } from "mqtt-packet";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { coverSubscriptions, type Subscription } from "../topics/covering-set.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import { toRetryDelayMs } from "./backoff.ts";
import { Connection } from "./connection.ts";
import { type Delivery, Inbox } from "./inbox.ts";
import { addOrigin, removeOrigin } from "./origin.ts";
import { Outbox } from "./outbox.ts";
import { PacketIdentifiers } from "./packet-identifiers.ts";
import {
  type LinkEvent,
  type LinkState,
  type MqttVersion,
  nextState,
  VERSION_NAMES,
} from "./state.ts";
import type { Target } from "./target.ts";

export type LinkOptions = {
  /** Tried in turn. */
  readonly targets: readonly [Target, ...Target[]];
  /** What to subscribe to, without the origin. Known before CONNECT, so that nothing is missed. */
  readonly subscriptions: readonly Subscription[];
  readonly origin: string;
  readonly clientId: string;
  /** Goes before the login that a target brings. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** MQTT 5 user property `token` of every publish. */
  readonly token: string | undefined;
  readonly version: MqttVersion;
  /** How long the broker keeps the session while the bridge is away; 0: not at all. */
  readonly sessionExpirySeconds: number;
  readonly connectTimeoutMs: number;
  readonly inboxMessagesMax: number;
  readonly outboxMessagesMax: number;
  readonly outboxBytesMax: number;
  readonly sendWindow: number;
  readonly log: Logger;
};

export type LinkPublishOptions = {
  /** In place of the link's own. */
  readonly token?: string | undefined;
  /** Give up after this time with `publish_timeout`; without it the message waits for the broker. */
  readonly timeoutMs?: number;
};

const KEEPALIVE_SECONDS = 30;
/** A connection that lived shorter counts as a failure, so that two bridges do not fight for an id. */
const SETTLED_MS = 5_000;
/** How long a stopping link waits for the broker to take the last publishes. */
const FLUSH_MS = 2_000;

export class Link {
  readonly #options: LinkOptions;
  readonly #log: Logger;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #identifiers = new PacketIdentifiers();
  readonly #subscriptions: readonly Subscription[];
  readonly #stop = new AbortController();
  #state: LinkState;
  #changed = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #version: MqttVersion;
  #hasSubscribed = false;
  /** The failure told last, so that one which repeats is told once. */
  #reported: string | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: LinkOptions) {
    const {
      origin,
      outboxMessagesMax: messagesMax,
      outboxBytesMax: bytesMax,
      sendWindow,
    } = options;
    this.#options = options;
    this.#log = options.log;
    this.#version = options.version;
    const toTopic = (topic: string) => removeOrigin(origin, topic);
    this.#inbox = new Inbox(options.inboxMessagesMax, toTopic, options.log);
    const identifiers = this.#identifiers;
    this.#outbox = new Outbox({ identifiers, messagesMax, bytesMax, sendWindow });
    this.#subscriptions = coverSubscriptions(options.subscriptions).map(({ filter, qos }) => {
      return { filter: addOrigin(origin, filter), qos };
    });
    this.#state = { kind: "connecting", broker: options.targets[0].label };
  }

  /** A link that is connecting; it never fails to open, `state` tells how it fares. */
  static open(options: LinkOptions): Link {
    const link = new Link(options);
    link.#running = link.#run();
    return link;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The state now, then each later one; ends after "closed". A slow reader sees the latest only. */
  async *states(): AsyncGenerator<LinkState> {
    for (;;) {
      const { promise } = this.#changed;
      yield this.#state;
      if (this.#state.kind === "closed") return;
      await promise;
    }
  }

  /** Resolves when the link is connected and subscribed, or closed. */
  async connected(): Promise<void> {
    for await (const { kind } of this.states()) {
      if (kind === "connected" || kind === "closed") return;
    }
  }

  /** What came from the broker, in order; for one reader. Ends when the link is closed. */
  messages(): AsyncGenerator<Delivery> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  /**
   * Publishes below the origin. Resolves with the broker's reason code when the message is
   * acknowledged. Throws `outbox_full`, `publish_timeout`, `publish_refused`, `payload_too_large`,
   * `qos_unsupported`, `retain_unsupported`, `link_closed`.
   */
  async publish(
    message: OutgoingMessage,
    options: LinkPublishOptions = {},
  ): Promise<PublishResult> {
    if (this.#state.kind === "closed") throw new ViadutoError("link_closed");
    const topic = addOrigin(this.#options.origin, message.topic);
    const token = options.token ?? this.#options.token;
    const outgoing = token === undefined ? { ...message, topic } : withToken(message, topic, token);
    return this.#outbox.publish(outgoing, options.timeoutMs);
  }

  /** Takes no more messages in; those under way may still be answered and acknowledged. */
  stopReceiving(): void {
    this.#inbox.close();
  }

  /** Sends what is left, says DISCONNECT and closes. The broker keeps the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#inbox.close();
    await this.#flush();
    this.#become({ kind: "stopped" });
    this.#stop.abort();
    await this.#connection?.close();
    await this.#running;
    this.#outbox.close(new ViadutoError("link_closed"));
  }

  async #run(): Promise<void> {
    const { targets } = this.#options;
    let failures = 0;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      const target = targets[attempt % targets.length] ?? targets[0];
      this.#become({ kind: "attempt", broker: target.label });
      const startedAtMs = Date.now();
      const error = await this.#connectOnce(target);
      this.#leave();
      if (this.#stop.signal.aborted) return;
      failures = Date.now() - startedAtMs > SETTLED_MS ? 1 : failures + 1;
      const retryInMs = toRetryDelayMs(failures, Math.random());
      this.#reportFailure(error, retryInMs, failures);
      this.#become({ kind: "failed", error, retryInMs });
      await sleep(retryInMs, undefined, { signal: this.#stop.signal }).catch(() => {
        // Aborted: the loop ends at its condition.
      });
    }
  }

  // One connection from CONNECT to its end; answers with the reason for that end.
  async #connectOnce(target: Target): Promise<ViadutoError> {
    const { clientId, sessionExpirySeconds, connectTimeoutMs } = this.#options;
    try {
      const connection = await Connection.open({
        target,
        clientId,
        username: this.#options.username ?? target.username,
        password: this.#options.password ?? target.password,
        version: this.#version,
        sessionExpirySeconds,
        keepaliveSeconds: KEEPALIVE_SECONDS,
        connectTimeoutMs,
        receiveMaximum: this.#options.inboxMessagesMax,
        identifiers: this.#identifiers,
        onPacket: (packet, from) => this.#receive(packet, from),
      });
      this.#connection = connection;
      if (this.#stop.signal.aborted) await connection.close();
      else await this.#enter(connection, target);
      return await connection.closed;
    } catch (error) {
      const failure = toViadutoError(error);
      if (failure.code === "internal") this.#log.problem("error", failure);
      this.#fallBack(failure);
      return failure;
    }
  }

  #receive(packet: Packet, connection: Connection): void {
    if (packet.cmd === "connack") {
      this.#inbox.attach(connection);
      const again = this.#outbox.attach(connection);
      if (again > 0) this.#log.info(`${again} unacknowledged publishes are sent again`);
      return;
    }
    this.#outbox.receive(packet);
    this.#inbox.receive(packet);
  }

  async #enter(connection: Connection, { label }: Target): Promise<void> {
    const { version, isSessionPresent } = connection;
    // In a session of this same process the subscriptions are known to be there.
    const isSubscribed = isSessionPresent && this.#hasSubscribed;
    const options = { rh: isSessionPresent ? 1 : 0 } as const;
    const refusedFilters = isSubscribed
      ? []
      : await connection.subscribe(this.#subscriptions, options);
    this.#hasSubscribed = true;
    for (const filter of refusedFilters) {
      const facts = { broker: label, filter, reason: "not authorized, or not supported" };
      this.#log.problem("error", new ViadutoError("subscribe_refused", facts));
    }
    const session = isSessionPresent ? "session resumed" : "new session";
    this.#log.info(`connected to ${label} (MQTT ${VERSION_NAMES[version]}, ${session})`);
    this.#become({ kind: "opened", version, isSessionPresent, refusedFilters });
  }

  #leave(): void {
    this.#connection = undefined;
    this.#inbox.detach();
    this.#outbox.detach();
  }

  // Old brokers refuse MQTT 5 with a code of their own version, or just hang up. A broker that is
  // only starting hangs up as well, so the next attempt after that is with 5 again.
  #fallBack({ code }: ViadutoError): void {
    if (this.#options.version !== 5 || this.#hasSubscribed) return;
    if (code !== "version_refused" && code !== "broker_hung_up") return;
    this.#version = this.#version === 5 ? 4 : 5;
    this.#log.debug(`trying MQTT ${VERSION_NAMES[this.#version]} next`);
  }

  // The first time and at each new cause in full; what only repeats is for the debug level.
  #reportFailure(error: ViadutoError, retryInMs: number, failures: number): void {
    const isNew = failures === 1 || this.#reported !== error.message;
    this.#reported = error.message;
    if (isNew) this.#log.problem("warn", error);
    const wait = `trying again in ${(retryInMs / 1000).toFixed(1)} s`;
    if (isNew) this.#log.info(`${wait}, and so on until it works`);
    else this.#log.debug(`${wait} (attempt ${failures})`);
  }

  async #flush(): Promise<void> {
    // Without a connection there is nobody to wait for.
    if (this.#connection) {
      const waited = new AbortController();
      const timeout = sleep(FLUSH_MS, undefined, { signal: waited.signal }).catch(() => {});
      await Promise.race([this.#outbox.drained(), timeout]);
      waited.abort();
    }
    const left = this.#outbox.size;
    if (left > 0) this.#log.warn(`stopping with ${left} publishes that no broker acknowledged`);
  }

  #become(event: LinkEvent): void {
    this.#state = nextState(this.#state, event);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function withToken(message: OutgoingMessage, topic: string, token: string): OutgoingMessage {
  const { properties } = message;
  // A token that the publish brought itself stands.
  const userProperties = { token, ...properties?.userProperties };
  return { ...message, topic, properties: { ...properties, userProperties } };
}
