// The link: the bridge's one shared client. It keeps a session with the broker (inbox, outbox,
// subscriptions) through any number of network connections, and connects again by itself, for ever.

import { setTimeout as sleep } from "node:timers/promises";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { coverSubscriptions, type Subscription } from "../topics/covering-set.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import { toRetryDelayMs } from "./backoff.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { toReasonWords } from "./failure.ts";
import { FailureReport } from "./failure-report.ts";
import type { Delivery } from "./inbox.ts";
import type { LinkOptions } from "./link-options.ts";
import { addOrigin } from "./origin.ts";
import { Session } from "./session.ts";
import { type LinkState, VERSION_NAMES } from "./state.ts";
import { Status } from "./status.ts";
import type { Target } from "./target.ts";
import { addToken } from "./token.ts";
import { Versions } from "./versions.ts";

export type LinkPublishOptions = {
  /** In place of the link's own. */
  readonly token?: string | undefined;
  /** Gives up after this time with `publish_timeout`, or at once with `outbox_full`. */
  readonly timeoutMs?: number;
};

const KEEPALIVE_SECONDS = 30;
/** A connection that lived shorter is a failure, so that two bridges do not fight for an id. */
const SETTLED_MS = 5_000;

export class Link {
  readonly #options: LinkOptions;
  readonly #log: Logger;
  readonly #session: Session;
  readonly #subscriptions: readonly Subscription[];
  readonly #stop = new AbortController();
  readonly #versions: Versions;
  readonly #status: Status;
  readonly #report: FailureReport;
  #connection: Connection | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: LinkOptions) {
    const { origin } = options;
    this.#options = options;
    this.#log = options.log;
    this.#versions = new Versions(options.version);
    this.#report = new FailureReport(options.log, options.clientId);
    this.#session = new Session(options);
    this.#subscriptions = coverSubscriptions(options.subscriptions).map(({ filter, qos }) => {
      return { filter: addOrigin(origin, filter), qos };
    });
    this.#status = new Status({ kind: "connecting", broker: options.targets[0].label });
  }

  /** A link that is connecting; it never fails to open, `state` tells how it fares. */
  static open(options: LinkOptions): Link {
    const link = new Link(options);
    link.#running = link.#run();
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
   * Publishes below the origin. Resolves with the broker's reason code when the message is
   * acknowledged. Rejects with `outbox_full`, `publish_timeout`, `publish_refused`,
   * `message_invalid`, `payload_too_large`, `packet_too_large`, `qos_unsupported`,
   * `retain_unsupported`, `link_closed`.
   */
  publish(message: OutgoingMessage, options: LinkPublishOptions = {}): Promise<PublishResult> {
    if (this.#status.now.kind === "closed") return Promise.reject(new ViadutoError("link_closed"));
    const { length: bytes } = message.payload;
    const { payloadBytesMax: bytesMax } = this.#options;
    if (bytes > bytesMax) {
      return Promise.reject(new ViadutoError("payload_too_large", { bytes, bytesMax }));
    }
    const topic = addOrigin(this.#options.origin, message.topic);
    const outgoing = addToken({ ...message, topic }, options.token ?? this.#options.token);
    return this.#session.outbox.publish(outgoing, options.timeoutMs);
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
    await this.#flush();
    this.#status.become({ kind: "stopped" });
    this.#stop.abort();
    await this.#connection?.close();
    await this.#running;
    this.#session.close(new ViadutoError("link_closed"));
  }

  async #run(): Promise<void> {
    const { targets } = this.#options;
    let failures = 0;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      const target = targets[attempt % targets.length] ?? targets[0];
      this.#status.become({ kind: "attempt", broker: target.label });
      const { error, openForMs } = await this.#connectOnce(target);
      this.#leave();
      if (this.#stop.signal.aborted) return;
      this.#versions.ended(target, error.code, openForMs > 0);
      failures = openForMs > SETTLED_MS ? 1 : failures + 1;
      this.#report.ended(openForMs > 0 && openForMs <= SETTLED_MS);
      const retryInMs = toRetryDelayMs(failures, Math.random());
      this.#report.failed(error, retryInMs, failures);
      this.#status.become({ kind: "failed", error, retryInMs });
      await sleep(retryInMs, undefined, { signal: this.#stop.signal }).catch(() => {
        // Aborted: the loop ends at its condition.
      });
    }
  }

  // One connection from CONNECT to its end: the reason for that end, and how long it was open.
  async #connectOnce(target: Target): Promise<{ error: ViadutoError; openForMs: number }> {
    const { clientId, sessionExpirySeconds, connectTimeoutMs } = this.#options;
    let openedAtMs = Number.POSITIVE_INFINITY;
    try {
      const settings: ConnectionOptions = {
        target,
        clientId,
        version: this.#versions.get(target),
        sessionExpirySeconds,
        keepaliveSeconds: KEEPALIVE_SECONDS,
        connectTimeoutMs,
        receiveMaximum: this.#options.inboxMessagesMax,
        packetBytesMax: this.#options.packetBytesMax,
        identifiers: this.#session.identifiers,
        onPacket: (packet, from) => this.#session.receive(packet, from),
      };
      const connection = await Connection.open(settings, this.#stop.signal);
      openedAtMs = Date.now();
      this.#connection = connection;
      if (this.#stop.signal.aborted) await connection.close();
      else await this.#enter(connection, target);
      const error = await connection.closed;
      return { error, openForMs: Math.max(1, Date.now() - openedAtMs) };
    } catch (thrown) {
      const error = toViadutoError(thrown);
      if (error.code === "internal") this.#log.problem("error", error);
      return { error, openForMs: 0 };
    }
  }

  // Subscribes on each connection: which broker of the list has which session is not known here.
  async #enter(connection: Connection, { label }: Target): Promise<void> {
    const { version, isSessionPresent } = connection;
    // A resumed subscription does not bring its retained messages again (MQTT 5 section 3.8.3.1).
    const options = { rh: isSessionPresent ? 1 : 0 } as const;
    const refused = await connection.subscribe(this.#subscriptions, options).catch(() => undefined);
    // No SUBACK: the connection has ended, and tells why itself; or it can not be used.
    if (!refused) return connection.destroy();
    for (const { filter, reasonCode } of refused) {
      const facts = { broker: label, filter, reason: toReasonWords(reasonCode) };
      this.#log.problem("error", new ViadutoError("subscribe_refused", facts));
    }
    const session = isSessionPresent ? "session resumed" : "new session";
    this.#log.info(`connected to ${label} (MQTT ${VERSION_NAMES[version]}, ${session})`);
    if (version !== 5 && this.#options.token !== undefined) {
      this.#log.warn("this broker does not speak MQTT 5: the token can not be sent");
    }
    const refusedFilters = refused.map(({ filter }) => filter);
    this.#status.become({ kind: "opened", version, isSessionPresent, refusedFilters });
  }

  #leave(): void {
    this.#connection = undefined;
    this.#session.detach();
  }

  async #flush(): Promise<void> {
    // Without a connection there is nobody to wait for.
    if (this.#connection) {
      const waited = new AbortController();
      const timeout = sleep(this.#options.flushTimeoutMs, undefined, {
        signal: waited.signal,
      }).catch(() => {});
      await Promise.race([this.#session.outbox.drained(), timeout]);
      waited.abort();
    }
    const left = this.#session.outbox.size;
    if (left > 0) this.#log.warn(`stopping with ${left} publishes that no broker acknowledged`);
  }
}
