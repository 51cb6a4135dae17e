// The flows of the last messages that handlers got, in memory: so many, and no more. Opened by
// app/bridge.ts, filled by handlers/, read by HTTP. Of a flood it tells a part, and counts what is
// left.

import { ViadutoError } from "../lib/errors.ts";
import type { Message } from "../topics/message.ts";
import { Flow, type FlowOrigin, type FlowSender, type Sent, TOPIC_LENGTH_MAX } from "./flow.ts";
import { toFirstId } from "./observation.ts";

export type FlowLimits = {
  /** 0: nothing is told. */
  readonly flowsMax: number;
  readonly flowPayloadBytesMax: number;
  readonly flowsPerSecondMax: number;
  readonly flowWaitersMax: number;
};

export type FlowQuery = {
  /** Only what has begun or changed after this number; the latest when undefined. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly isShown: (topic: string) => boolean;
};

export type FlowPage = {
  /** In the order of their last change. */
  readonly flows: readonly Flow[];
  /** What comes behind this page changes after this number. */
  readonly next: number;
};

const SECOND_MS = 1_000;
/** Who waits is woken this often at most, however many messages come. */
const WAKE_MS = 20;

export class Flows {
  readonly #limits: FlowLimits;
  /** Who sends what nobody has noted. */
  readonly #stranger: FlowSender;
  /** By id, oldest first. */
  readonly #flows = new Map<number, Flow>();
  readonly #waiters = new Set<(hasCome: boolean) => void>();
  readonly #onChange = (flow: Flow) => this.#note(flow);
  #lastChange = 0;
  #isWaking = false;
  #secondAtMs = Number.NEGATIVE_INFINITY;
  #thisSecond = 0;
  #skipped = 0;

  constructor(limits: FlowLimits, stranger: FlowSender) {
    this.#limits = limits;
    this.#stranger = stranger;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** Messages that came too fast to be told. */
  get skipped(): number {
    return this.#skipped;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether one more would be told now. */
  hasRoom(nowMs: number): boolean {
    if (nowMs - this.#secondAtMs < SECOND_MS) {
      return this.#thisSecond < this.#limits.flowsPerSecondMax;
    }
    this.#secondAtMs = nowMs;
    this.#thisSecond = 0;
    return true;
  }

  /** Undefined when too many come; `isSure` for what must be told. */
  begin(message: Message, origin: FlowOrigin | undefined, isSure = false): Flow | undefined {
    const nowMs = performance.now();
    const { topic, payload, qos, retain } = message;
    const isTold = isSure || this.hasRoom(nowMs);
    if (!isTold || topic.length > TOPIC_LENGTH_MAX) {
      this.#skipped += 1;
      return undefined;
    }
    this.#thisSecond += 1;
    const flow = new Flow(
      this.#nextNumber(),
      {
        topic,
        qos,
        retain,
        payloadText: payload.toString("latin1", 0, this.#limits.flowPayloadBytesMax),
        payloadBytes: payload.length,
        origin: origin ?? { sender: this.#stranger, sent: undefined },
        arrivedAtMs: isSure ? nowMs : nowMs - toWaitedMs(message),
      },
      this.#onChange,
    );
    if (origin?.sent) origin.sent.flowId ??= flow.id;
    this.#flows.set(flow.id, flow);
    if (this.#flows.size > this.#limits.flowsMax) this.#dropOldest();
    this.#wakeSoon();
    return flow;
  }

  /** The broker has what was sent, the reply is here, or neither will be. */
  settle(sent: Sent, error?: ViadutoError): void {
    if (error) sent.failure = { code: error.code, message: error.message };
    else if (sent.isCall) sent.answeredAtMs = performance.now();
    else sent.acknowledgedAtMs = performance.now();
    if (sent.flowId !== undefined) this.#flows.get(sent.flowId)?.touch();
  }

  get(id: number): Flow | undefined {
    return this.#flows.get(id);
  }

  find({ after, limit, isShown }: FlowQuery): FlowPage {
    const all = [...this.#flows.values()]
      .filter((flow) => (after === undefined || flow.change > after) && isShown(flow.facts.topic))
      .sort((one, other) => one.change - other.change);
    if (after === undefined) return { flows: all.slice(-limit), next: this.#lastChange };
    const flows = all.slice(0, limit);
    const last = flows.length < all.length ? flows.at(-1) : undefined;
    return { flows, next: last?.change ?? Math.max(after, this.#lastChange) };
  }

  /**
   * Resolves with true when any flow has begun or changed, and with false when the signal is
   * aborted before. Rejects with `flow_waiters_full`.
   */
  async wait(signal: AbortSignal): Promise<boolean> {
    const { flowWaitersMax: count } = this.#limits;
    if (this.#waiters.size >= count) throw new ViadutoError("flow_waiters_full", { count });
    if (signal.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = () => resolve(false);
    signal.addEventListener("abort", end);
    this.#waiters.add(resolve);
    return promise.finally(() => {
      signal.removeEventListener("abort", end);
      this.#waiters.delete(resolve);
    });
  }

  #note(flow: Flow): void {
    // One that was dropped while its handlers ran stays so.
    if (!this.#flows.has(flow.id)) return;
    flow.change = this.#nextNumber();
    this.#wakeSoon();
  }

  #dropOldest(): void {
    const [oldest] = this.#flows.keys();
    if (oldest !== undefined) this.#flows.delete(oldest);
  }

  // Like the ids of messages: in order, and greater after a restart.
  #nextNumber(): number {
    this.#lastChange = Math.max(this.#lastChange + 1, toFirstId(Date.now()));
    return this.#lastChange;
  }

  #wakeSoon(): void {
    if (this.#waiters.size === 0 || this.#isWaking) return;
    this.#isWaking = true;
    setTimeout(() => {
      this.#isWaking = false;
      for (const wake of this.#waiters) wake(true);
    }, WAKE_MS);
  }
}

// Of whole milliseconds: one may be none.
function toWaitedMs({ receivedAtMs }: Message): number {
  const waitedMs = Date.now() - receivedAtMs;
  return waitedMs > 1 ? waitedMs : 0;
}
