// The bridge's status for everybody else, on one topic: `online`, said at each connection, and
// `offline`, said by the bridge when it stops or, as its last will, by the broker when it is lost
// (MQTT 5 section 3.1.2.5). Called by link.ts; it opens and closes nothing.

import type { ErrorCode, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import type { WillMessage } from "./client-options.ts";
import type { Connection } from "./connection.ts";
import { addOrigin } from "./origin.ts";
import type { Target } from "./target.ts";

export type WillOptions = {
  readonly origin: string;
  readonly will?: { readonly topic: string };
  readonly sessionExpirySeconds: number;
  readonly publish: (message: OutgoingMessage) => Promise<PublishResult>;
  readonly log: Logger;
};

/**
 * Who comes back within this time was never away. A broker must not publish the will then
 * [MQTT-3.1.3-9], so that none can arrive after the `online` of the next connection.
 */
const DELAY_SECONDS = 2;

/** How a will may be sent, best first; a broker that lacks retain or QoS 1 refuses CONNECT. */
const SHAPES = [{ qos: 1, retain: true }, { qos: 0, retain: false }, undefined] as const;

/**
 * Brokers of MQTT 3.1.1, and those whose ACL covers wills, only hang up. After so many refusals in
 * a row one attempt goes without a will; odd, because attempts may alternate between versions.
 */
const ATTEMPTS_PER_TRIAL = 5;

export class Will {
  readonly #options: WillOptions;
  /** Brokers that refused the first shapes: the place of the one to send. */
  readonly #shapes = new Map<Target, number>();
  /** By broker, refusals in a row that may be because of the will. */
  readonly #doubts = new Map<Target, number>();
  /** An `online` that no broker has acknowledged yet; the outbox sends it again. */
  #isAnnouncing = false;
  #isLackTold = false;
  /** What the last CONNECT carried. */
  #sent: WillMessage | undefined;

  constructor(options: WillOptions) {
    this.#options = options;
  }

  /** What CONNECT to this broker carries; undefined when the link has no status to tell. */
  get(target: Target): WillMessage | undefined {
    const { will, origin, sessionExpirySeconds } = this.#options;
    const attempt = (this.#doubts.get(target) ?? 0) + 1;
    const isTrial = attempt % ATTEMPTS_PER_TRIAL === 0;
    const shape = isTrial ? undefined : SHAPES[this.#shapes.get(target) ?? 0];
    this.#sent = will &&
      shape && {
        ...shape,
        topic: addOrigin(origin, will.topic),
        payload: Buffer.from("offline"),
        // A will is never later than the end of its session (MQTT 5 section 3.1.3.2.2).
        delaySeconds: Math.min(DELAY_SECONDS, sessionExpirySeconds),
      };
    return this.#sent;
  }

  /** An attempt has failed, or a connection has ended: the next will may have to be less. */
  ended(target: Target, code: ErrorCode, wasOpen: boolean): void {
    const isDoubtful = !wasOpen && (code === "broker_hung_up" || code === "login_refused");
    this.#doubts.set(target, isDoubtful ? (this.#doubts.get(target) ?? 0) + 1 : 0);
    if (code !== "will_refused") return;
    const next = (this.#shapes.get(target) ?? 0) + 1;
    this.#shapes.set(target, Math.min(next, SHAPES.length - 1));
  }

  /** Says `online`: at each connection, because the will of the last one may have been said. */
  announce(connection: Connection): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    const announced = this.#say("online", connection).catch((error: ViadutoError) => {
      // A link that stops says `offline` next.
      if (error.code !== "link_closed") this.#options.log.problem("warn", error);
    });
    void announced.finally(() => {
      this.#isAnnouncing = false;
    });
  }

  /** Says `offline` for a stop, which is no reason for a will. Resolves when the broker has it. */
  async retract(connection: Connection): Promise<void> {
    await this.#say("offline", connection).catch(() => {
      // Refused as `online` was, which is in the log; or too late, and the will says it.
    });
  }

  async #say(text: string, { limits }: Connection): Promise<void> {
    const { will, publish } = this.#options;
    if (!will) return;
    const { topic } = will;
    if (!this.#sent)
      return this.#tellLack(`the broker refuses the last will: '${topic}' is silent`);
    // Without a will that takes it back, nobody shall find `online` there for ever.
    const retain = this.#sent.retain && limits.isRetainAvailable;
    if (!retain) {
      this.#tellLack(`the broker keeps no retained messages: '${topic}' only tells what changes`);
    }
    const qos = limits.qosMax > 0 ? 1 : 0;
    await publish({ topic, payload: Buffer.from(text), qos, retain });
  }

  #tellLack(line: string): void {
    if (!this.#isLackTold) this.#options.log.warn(line);
    this.#isLackTold = true;
  }
}
