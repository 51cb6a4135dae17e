// The link: the bridge's one shared client. It keeps a session with the broker (inbox, outbox,
// subscriptions) through any number of network connections, and connects again by itself, for ever.

import { waitAtMost } from "../lib/deadline.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { Message, OutgoingMessage, PublishResult, QoS } from "../topics/message.ts";
import { Connections } from "./connections.ts";
import type { Delivery } from "./inbox.ts";
import { type LinkFacts, readFacts } from "./link-facts.ts";
import { type LinkFigures, readFigures } from "./link-figures.ts";
import type { LinkOptions, LinkPublishOptions } from "./link-options.ts";
import { addOrigin } from "./origin.ts";
import { type LinkRequestOptions, Requests } from "./requests.ts";
import { Session } from "./session.ts";
import type { LinkState, MqttVersion } from "./state.ts";
import { Status } from "./status.ts";
import { Subscriptions } from "./subscriptions.ts";
import { addToken } from "./token.ts";
import { Will } from "./will.ts";

export class Link {
  readonly #options: LinkOptions;
  readonly #log: Logger;
  readonly #session: Session;
  readonly #subscriptions: Subscriptions;
  readonly #status: Status;
  readonly #requests: Requests;
  readonly #will: Will;
  readonly #connections: Connections;

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#subscriptions = new Subscriptions({
      ...options,
      onExchange: (refusedFilters) => this.#status.become({ kind: "subscribed", refusedFilters }),
    });
    this.#session = new Session(options, {
      takeReply: (packet) => this.#requests.take(packet),
      findRetained: (topic) => this.#subscriptions.findRetained(topic),
    });
    const publish = this.publish.bind(this);
    this.#will = new Will({ ...options, publish });
    this.#requests = new Requests({
      ...options,
      version: () => this.#waitForVersion(),
      subscribe: (filter, qos) => this.subscribePlain(filter, qos),
      publish,
    });
    this.#status = new Status({ kind: "connecting", broker: options.targets[0].label });
    this.#connections = new Connections({
      ...options,
      session: this.#session,
      subscriptions: this.#subscriptions,
      will: this.#will,
      status: this.#status,
    });
  }

  /** A link that is connecting; it never fails to open, `state` tells how it fares. */
  static open(options: LinkOptions): Link {
    const link = new Link(options);
    link.#connections.start();
    return link;
  }

  get state(): LinkState {
    return this.#status.now;
  }

  /** The state now, then each later one, up to "closed"; a slow reader sees the latest only. */
  states(): AsyncGenerator<LinkState> {
    return this.#status.watch();
  }

  /** Resolves when the link is connected and subscribed, or closed. */
  async connected(): Promise<void> {
    for await (const { kind } of this.states()) {
      if (kind === "connected" || kind === "closed") return;
    }
  }

  /** What came from the broker, in order; for one reader. Ends when the link is closed. */
  messages(): AsyncGenerator<Delivery> {
    return this.#session.inbox[Symbol.asyncIterator]();
  }

  /**
   * Publishes below the origin, unless `isAbsolute`. Resolves with the broker's reason code when
   * the message is acknowledged. Rejects with `outbox_full`, `publish_timeout`, what
   * publish-failure.ts makes of the broker's refusal, `message_invalid`, `payload_too_large`,
   * `packet_too_large`, `qos_unsupported`, `retain_unsupported`, `run_ended`, `link_closed`.
   */
  publish(message: OutgoingMessage, options: LinkPublishOptions = {}): Promise<PublishResult> {
    if (this.#status.now.kind === "closed") return Promise.reject(new ViadutoError("link_closed"));
    const { length: bytes } = message.payload;
    const { payloadBytesMax: bytesMax } = this.#options;
    if (bytes > bytesMax) {
      return Promise.reject(new ViadutoError("payload_too_large", { bytes, bytesMax }));
    }
    const { origin } = this.#options;
    const { isAbsolute, timeoutMs, owner } = options;
    const topic = isAbsolute ? message.topic : addOrigin(origin, message.topic);
    const token = options.token ?? (isAbsolute ? undefined : this.#options.token);
    return this.#session.outbox.publish(addToken({ ...message, topic }, token), timeoutMs, owner);
  }

  /**
   * Publishes a request, as `publish` does, and resolves with the reply, its topic without the
   * origin. Over MQTT 5 the one who answers is told where and with which correlation data (section
   * 4.10); what has none answers the oldest request on its topic. Rejects with `request_timeout`,
   * `request_abandoned` by the signal, `requests_full`, `nobody_listens`, `subscribe_refused`, over
   * MQTT 3.1.1 without `replyTopic` with `request_unsupported`, and with the errors of `publish`.
   */
  request(message: OutgoingMessage, options: LinkRequestOptions): Promise<Message> {
    return this.#requests.request(message, options);
  }

  /** Requests that wait for their reply. */
  get waiting(): number {
    return this.#requests.waiting;
  }

  /** How often `setSubscriptions` was called; see `Delivery.retainedSince`. */
  get generation(): number {
    return this.#subscriptions.generation;
  }

  /**
   * Subscribes to these in place of the handlers' subscriptions so far; only what differs is sent,
   * and nothing is missed meanwhile. Those of `fresh` (all that were not there before when absent)
   * get the retained messages they ask for, meant for handlers of the new `generation`. Resolves
   * when the broker has answered, at once while there is none; refused filters are in the state.
   */
  setSubscriptions(
    subscriptions: readonly Subscription[],
    fresh?: readonly Subscription[],
  ): Promise<void> {
    return this.#subscriptions.set(subscriptions, fresh);
  }

  /**
   * Subscribes beside the handlers, never shared with the group, until it is disposed. Retained
   * messages come once with "send", and are for no handler. Resolves when the broker has answered,
   * at once while there is none. Rejects with `subscribe_refused`.
   */
  subscribePlain(filter: string, qos: QoS, retained?: "send" | "ignore"): Promise<Disposable> {
    return this.#subscriptions.addPlain(filter, qos, retained);
  }

  /** Whether the broker sends what is published there to this link, whoever else gets it. */
  receives(topic: string): boolean {
    return this.#subscriptions.receives(topic);
  }

  /** Within a group: plain subscriptions bring nothing to the handlers; see `onPlain`. */
  get isMarkingPlain(): boolean {
    return this.#subscriptions.isMarkingPlain;
  }

  /** Messages that came and are not done: they wait, or their handlers run. */
  get unfinished(): number {
    return this.#session.inbox.size;
  }

  /** How many messages have come so far, replies to requests aside. */
  get received(): number {
    return this.#session.received;
  }

  /**
   * Leaves the group: what is new goes to its other members from now on, what the broker had queued
   * for this one still comes. Resolves with whether the broker has answered within `timeoutMs` and
   * `flushTimeoutMs`; false at once without a group or a connection.
   */
  async leaveGroup(timeoutMs: number): Promise<boolean> {
    if (!this.#subscriptions.isSharing) return false;
    let hasLeft = false;
    const leaving = this.setSubscriptions([], []).then(() => {
      hasLeft = true;
      this.#log.info(`left the group '${this.#options.group}': the others get what is new`);
    });
    await waitAtMost(Math.min(timeoutMs, this.#options.flushTimeoutMs), leaving);
    return hasLeft;
  }

  /** What is counted, now. */
  get figures(): LinkFigures {
    return readFigures(this.#session, this.#requests, this.#status);
  }

  /** How it stands with the broker, for people. */
  get facts(): LinkFacts {
    return readFacts(this.#status, this.#subscriptions, this.#connections);
  }

  /** Resolves when the handlers have room for more messages; undefined when they have. */
  room(): Promise<void> | undefined {
    return this.#session.inbox.room();
  }

  /** Takes no more messages in; those under way may still be answered and acknowledged. */
  stopReceiving(): void {
    this.#session.inbox.close();
  }

  /** Sends what is left, says DISCONNECT and closes. The broker keeps the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.inbox.close();
    this.#requests.close(new ViadutoError("link_closed"));
    const isRetracted = await this.#flush();
    this.#status.become({ kind: "stopped" });
    // What could not be said in time is the broker's to say: the will.
    await this.#connections.close(!isRetracted);
    this.#session.close(new ViadutoError("link_closed"));
  }

  async #waitForVersion(): Promise<MqttVersion> {
    for await (const state of this.states()) if (state.kind === "connected") return state.version;
    throw new ViadutoError("link_closed");
  }

  // True when the broker need not tell that the link is gone.
  async #flush(): Promise<boolean> {
    let isRetracted = this.#options.will === undefined;
    // Without a connection there is nobody to wait for.
    const connection = this.#connections.current;
    if (connection) {
      const retracted = this.#will.retract(connection).then(() => {
        isRetracted = true;
      });
      const flushed = Promise.all([retracted, this.#session.outbox.drained()]);
      await waitAtMost(this.#options.flushTimeoutMs, flushed);
    }
    const left = this.#session.outbox.size;
    if (left > 0) this.#log.warn(`stopping with ${left} publishes that no broker acknowledged`);
    return isRetracted;
  }
}
