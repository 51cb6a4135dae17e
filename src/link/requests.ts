// Requests over the link: a message goes out with a topic for the reply, and the reply finds the
// one who waits for it (MQTT 5 section 4.10). Used by link.ts, which shows it every message that
// comes in before the inbox counts it. It never acknowledges anything.

import { randomBytes } from "node:crypto";
import { ViadutoError } from "../lib/errors.ts";
import {
  type Message,
  NO_MATCHING_SUBSCRIBERS,
  type OutgoingMessage,
  type PublishResult,
} from "../topics/message.ts";
import type { IncomingPublish } from "./connection.ts";
import { toMessage } from "./inbox.ts";
import type { LinkPublishOptions } from "./link-options.ts";
import { addOrigin, removeOrigin } from "./origin.ts";
import type { PublishOwner } from "./outbox-entry.ts";
import { toOwnTopic } from "./own-topics.ts";
import { type HeldFilter, ReplyFilters, type SubscribePlain } from "./reply-filters.ts";
import { type MqttVersion, VERSION_NAMES } from "./state.ts";

export type LinkRequestOptions = {
  /** In place of the link's own. */
  readonly token?: string | undefined;
  /** How long to wait for the reply, milliseconds, from now on. */
  readonly timeoutMs: number;
  /** Where the reply comes, without the origin; a topic of the link's own when absent. */
  readonly replyTopic?: string | undefined;
  /** What the topic was made of, for whoever watches. */
  readonly pattern?: string;
  /** Gives up with `request_abandoned`. */
  readonly signal?: AbortSignal | undefined;
};

export type RequestsOptions = {
  readonly origin: string;
  readonly clientId: string;
  readonly requestsMax?: number;
  /** The version of the connection; waits for one. */
  readonly version: () => Promise<MqttVersion>;
  readonly subscribe: SubscribePlain;
  readonly publish: (
    message: OutgoingMessage,
    options: Pick<LinkPublishOptions, "owner" | "timeoutMs" | "token">,
  ) => Promise<PublishResult>;
};

/** A request that waits. */
type Asking = {
  readonly answered: PromiseWithResolvers<Message>;
  /** With the origin. */
  readonly replyTopic: string;
  readonly correlation: Buffer;
  /** A declared reply topic, as long as this request needs it. */
  held?: HeldFilter;
  isOver: boolean;
};

const RANDOM_BYTES = 16;
const REQUESTS_MAX = 10_000;

export class Requests {
  readonly #options: RequestsOptions;
  readonly #filters: ReplyFilters;
  /** What all topics for replies that are the link's own begin with, origin included. */
  readonly #ownPrefix: string;
  readonly #asking = new Set<Asking>();
  /** Those sent: by reply topic, then by correlation data in hexadecimal, oldest first. */
  readonly #sent = new Map<string, Map<string, Asking>>();
  #closedWith: ViadutoError | undefined;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#filters = new ReplyFilters(options.subscribe);
    this.#ownPrefix = addOrigin(options.origin, toOwnTopic(options.clientId, "replies/"));
  }

  /** Requests that wait for their reply. */
  get waiting(): number {
    return this.#asking.size;
  }

  /** Resolves with the reply. See `Link.request` for its errors. */
  async request(message: OutgoingMessage, options: LinkRequestOptions): Promise<Message> {
    if (this.#closedWith) throw this.#closedWith;
    const { size: waiting } = this.#asking;
    const { requestsMax = REQUESTS_MAX } = this.#options;
    if (waiting >= requestsMax) throw new ViadutoError("requests_full", { waiting });
    const asking = this.#createAsking(options);
    const { reject, promise } = asking.answered;
    const { timeoutMs, signal } = options;
    const { topic } = message;
    const timer = setTimeout(() => reject(toTimeout(topic, timeoutMs)), timeoutMs);
    const abandon = () => reject(new ViadutoError("request_abandoned", { topic }));
    signal?.addEventListener("abort", abandon);
    this.#asking.add(asking);
    if (signal?.aborted) abandon();
    else this.#ask(asking, message, options).catch(reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abandon);
      this.#forget(asking);
    }
  }

  /**
   * Hands a reply to the request that waits for it. True when that was all the message is for:
   * handlers may listen on a declared reply topic too, and QoS 1 and 2 must be acknowledged.
   */
  take(packet: IncomingPublish): boolean {
    const { topic, qos } = packet;
    const asking = this.#findAsking(packet);
    if (asking) {
      // At once, so that a second reply right behind this one is another's.
      this.#removeSent(asking);
      asking.answered.resolve(toMessage(packet, removeOrigin(this.#options.origin, topic)));
    }
    return qos === 0 && topic.startsWith(this.#ownPrefix);
  }

  /** Fails those that wait, and all that come later. */
  close(error: ViadutoError): void {
    this.#closedWith = error;
    for (const { answered } of this.#asking) answered.reject(error);
    this.#filters.close();
  }

  async #ask(asking: Asking, message: OutgoingMessage, options: LinkRequestOptions): Promise<void> {
    const { topic } = message;
    const { token, timeoutMs, replyTopic } = options;
    const deadlineMs = performance.now() + timeoutMs;
    const version = await this.#options.version();
    if (asking.isOver) return;
    if (replyTopic === undefined && version !== 5) {
      throw new ViadutoError("request_unsupported", { topic, version: VERSION_NAMES[version] });
    }
    await this.#listen(asking, replyTopic);
    // Once more: a subscription that was lost with its connection is made again on the next.
    await this.#options.version();
    if (asking.isOver) return;
    this.#addSent(asking);
    const { replyTopic: responseTopic, correlation: correlationData } = asking;
    const properties = { ...message.properties, responseTopic, correlationData };
    const leftMs = Math.max(1, Math.floor(deadlineMs - performance.now()));
    const publishing = this.#options.publish(
      { ...message, properties },
      // Nothing goes out for nobody, not even in the moment after the request's own deadline.
      { token, timeoutMs: leftMs, owner: toOwner(topic, asking) },
    );
    const { reasonCode } = await publishing.catch((error: ViadutoError) => {
      throw error.code === "publish_timeout" ? toTimeout(topic, timeoutMs) : error;
    });
    // A broker that says so has looked for wildcards and shared subscriptions as well.
    if (reasonCode === NO_MATCHING_SUBSCRIBERS) {
      throw new ViadutoError("nobody_listens", { topic, reasonCode });
    }
  }

  // The reply may be there before the PUBACK, so nothing is asked before SUBACK.
  async #listen(asking: Asking, declaredTopic: string | undefined): Promise<void> {
    if (declaredTopic !== undefined) {
      asking.held = this.#filters.hold(declaredTopic);
      await asking.held.granted;
    } else {
      // Never given back: one subscription for all requests, for as long as the link lives.
      await this.#filters.hold(toOwnTopic(this.#options.clientId, "replies/+")).granted;
    }
  }

  #createAsking({ replyTopic }: LinkRequestOptions): Asking {
    // Random and not counted, so that nobody can answer what somebody else was asked.
    const random = () => randomBytes(RANDOM_BYTES).toString("hex");
    const own = () => this.#ownPrefix + random();
    return {
      answered: Promise.withResolvers(),
      replyTopic: replyTopic === undefined ? own() : addOrigin(this.#options.origin, replyTopic),
      // Text, so that a device made of mosquitto_sub and mosquitto_pub can send it back.
      correlation: Buffer.from(random()),
      isOver: false,
    };
  }

  #addSent(asking: Asking): void {
    const { replyTopic, correlation } = asking;
    const waiting = this.#sent.get(replyTopic) ?? new Map<string, Asking>();
    this.#sent.set(replyTopic, waiting.set(correlation.toString("hex"), asking));
  }

  #findAsking({ topic, retain, properties }: IncomingPublish): Asking | undefined {
    // A retained message was there before anybody asked.
    if (retain) return undefined;
    const waiting = this.#sent.get(topic);
    const correlation = properties?.correlationData;
    if (correlation) return waiting?.get(correlation.toString("hex"));
    // From a device that knows no correlation data, as over MQTT 3.1.1: first asked, first served.
    return waiting?.values().next().value;
  }

  #forget(asking: Asking): void {
    asking.isOver = true;
    this.#asking.delete(asking);
    if (asking.held) this.#filters.release(asking.held);
    this.#removeSent(asking);
  }

  #removeSent(asking: Asking): void {
    const waiting = this.#sent.get(asking.replyTopic);
    waiting?.delete(asking.correlation.toString("hex"));
    if (waiting?.size === 0) this.#sent.delete(asking.replyTopic);
  }
}

function toTimeout(topic: string, timeoutMs: number): ViadutoError {
  return new ViadutoError("request_timeout", { topic, timeoutMs });
}

function toOwner(name: string, asking: Asking): PublishOwner {
  return {
    name,
    get isEnded() {
      return asking.isOver;
    },
  };
}
