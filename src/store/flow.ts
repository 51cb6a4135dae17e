// The story of one message that handlers got: who sent it, when it came, each run, and what came of
// it. Begun by flows.ts, told by handlers/ while it happens, shown by HTTP. Every part is bounded.

import type { QoS } from "../topics/message.ts";

/** Times that end in `AtMs` are performance.now(), so that nobody's clock moves them. */
export type FlowSender =
  | {
      readonly kind: "http";
      readonly method: string;
      /** The pattern of the route. */
      readonly route: string;
      readonly requestId: string | undefined;
      /** The name of the token. */
      readonly caller: string | undefined;
      readonly arrivedAtMs: number;
    }
  /** `flowId` is the flow in which it ran, when that one is told. */
  | { readonly kind: "handler"; readonly handler: string; readonly flowId: number | undefined }
  /** Of the embedded broker; without an id when nobody noted it, as of a retained message. */
  | { readonly kind: "client"; readonly clientId: string | undefined }
  /** Somebody at an external broker. */
  | { readonly kind: "broker" }
  | { readonly kind: "dead_letter"; readonly deadLetterId: number };

export type FlowFailure = { readonly code: string; readonly message: string };

/** A message that was sent, and what was heard of it. */
export type Sent = {
  readonly sentAtMs: number;
  /** True when a reply is waited for; then `answeredAtMs` is its time. */
  readonly isCall: boolean;
  acknowledgedAtMs?: number;
  answeredAtMs?: number;
  failure?: FlowFailure;
  /** The flow of the message where a handler of this bridge got it. */
  flowId?: number;
};

/** Who sent a message; `sent` is undefined when nobody saw it. */
export type FlowOrigin = { readonly sender: FlowSender; readonly sent: Sent | undefined };

/** What a run has published. */
export type FlowPublish = Sent & {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** The answer, to the response topic or the one that the handler's topic names. */
  readonly isReply: boolean;
};

/** `retried`, `dead_letter`: it failed, and this followed. */
export type FlowOutcome = "done" | "failed" | "timeout" | "retried" | "dead_letter";

/** One run of a handler; without a start it waits for its turn. */
export type FlowRun = {
  readonly handler: string;
  /** From 1; 0 when the message did not even fit. */
  readonly attempt: number;
  startedAtMs?: number;
  endedAtMs?: number;
  outcome?: FlowOutcome;
  failure?: FlowFailure;
  deadLetterId?: number;
  readonly publishes: FlowPublish[];
};

export type FlowFacts = {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** The beginning of the payload, one character per byte: far cheaper to keep than a buffer. */
  readonly payloadText: string;
  /** Of the whole payload. */
  readonly payloadBytes: number;
  readonly origin: FlowOrigin;
  /** When the bridge had it. */
  readonly arrivedAtMs: number;
};

/** Beyond this, of many runs of one handler only the last is told, and no more publishes. */
const RUNS_MAX = 32;
const PUBLISHES_MAX = 64;
/** Longest topic that is told, in characters, and longest reason. */
export const TOPIC_LENGTH_MAX = 1_024;
const REASON_LENGTH_MAX = 1_000;

export class Flow {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly startedAtMs: number;
  readonly facts: FlowFacts;
  readonly runs: FlowRun[] = [];
  /** The number of its last change, of the same kind as its id. */
  change: number;
  /** Runs and publishes that are not told. */
  leftOut = 0;
  /** Handlers that have not done with it. */
  open = 0;
  #publishes = 0;
  readonly #onChange: (flow: Flow) => void;

  constructor(id: number, facts: FlowFacts, onChange: (flow: Flow) => void) {
    const { sender, sent } = facts.origin;
    const { arrivedAtMs } = facts;
    this.id = id;
    this.change = id;
    this.facts = facts;
    this.startedAtMs =
      sender.kind === "http" ? sender.arrivedAtMs : (sent?.sentAtMs ?? arrivedAtMs);
    this.startedAt = Date.now() - (performance.now() - this.startedAtMs);
    this.#onChange = onChange;
  }

  /** The part of one handler that gets the message. */
  join(handler: string): FlowBranch {
    this.open += 1;
    return new FlowBranch(this, handler);
  }

  touch(): void {
    this.#onChange(this);
  }

  /** The run, when there was room for it; else in the place of `before`. */
  add(run: FlowRun, before: FlowRun | undefined): void {
    if (this.runs.length < RUNS_MAX) {
      this.runs.push(run);
      return;
    }
    this.leftOut += 1;
    const at = before ? this.runs.indexOf(before) : -1;
    if (at >= 0) this.runs[at] = run;
  }

  hasRoomForPublish(topic: string): boolean {
    const hasRoom = this.#publishes < PUBLISHES_MAX && topic.length <= TOPIC_LENGTH_MAX;
    if (hasRoom) this.#publishes += 1;
    else this.leftOut += 1;
    return hasRoom;
  }
}

/** What one handler makes of the message: its runs, one after the other. */
export class FlowBranch {
  readonly flow: Flow;
  readonly #handler: string;
  #run: FlowRun;

  constructor(flow: Flow, handler: string) {
    this.flow = flow;
    this.#handler = handler;
    this.#run = { handler, attempt: 1, publishes: [] };
    flow.add(this.#run, undefined);
  }

  begin(attempt: number, nowMs: number): void {
    if (attempt > 1) this.#next(attempt);
    this.#run.startedAtMs = nowMs;
    this.flow.touch();
  }

  end(failure: FlowFailure | undefined, nowMs: number): void {
    const run = this.#run;
    run.endedAtMs = nowMs;
    run.outcome = "done";
    if (failure) {
      run.outcome = failure.code === "handler_timeout" ? "timeout" : "failed";
      run.failure = toKept(failure);
    }
    this.flow.touch();
  }

  /** The message does not fit the handler: it does not run. */
  refuse(failure: FlowFailure): void {
    const nowMs = performance.now();
    const before = this.#run;
    const run: FlowRun = { handler: this.#handler, attempt: 0, startedAtMs: nowMs, publishes: [] };
    const at = this.flow.runs.indexOf(before);
    if (at >= 0) this.flow.runs[at] = run;
    this.#run = run;
    this.end(failure, nowMs);
  }

  /** Undefined when there is no room for it. */
  publish(fields: Pick<FlowPublish, "topic" | "qos" | "retain" | "isReply" | "isCall">) {
    if (!this.flow.hasRoomForPublish(fields.topic)) return undefined;
    const published: FlowPublish = { ...fields, sentAtMs: performance.now() };
    this.#run.publishes.push(published);
    return published;
  }

  /** It will be tried again. */
  retry(): void {
    this.#run.outcome = "retried";
  }

  bury(deadLetterId: number): void {
    this.#run.outcome = "dead_letter";
    this.#run.deadLetterId = deadLetterId;
    this.flow.touch();
  }

  /** The handler has done with the message, one way or the other. */
  close(): void {
    this.flow.open -= 1;
    this.flow.touch();
  }

  #next(attempt: number): void {
    const run: FlowRun = { handler: this.#handler, attempt, publishes: [] };
    this.flow.add(run, this.#run);
    this.#run = run;
  }
}

/** What is kept of a failure: its words, which may hold a payload, are cut. */
export function toKept({ code, message }: FlowFailure): FlowFailure {
  return { code, message: message.slice(0, REASON_LENGTH_MAX) };
}
