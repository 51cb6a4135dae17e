// A story as steps with bars on one axis of time: who sent it, the broker, each run of each
// handler, what it published, and the reply. Pure; the words are in story-words.ts.

import type {
  FlowJson,
  FlowPublishJson,
  FlowRunJson,
  FlowSenderJson,
} from "../live/flow-answers.ts";
import { toTotalMs } from "./story-list.ts";

export type Bar = {
  readonly tone: "request" | "broker" | "wait" | "run" | "publish" | "bad";
  readonly startMs: number;
  /** Undefined while it lasts. */
  readonly endMs: number | undefined;
};

type StepFacts =
  | { readonly kind: "sender"; readonly sender: FlowSenderJson }
  | { readonly kind: "broker" }
  | { readonly kind: "run"; readonly run: FlowRunJson }
  | { readonly kind: "publish"; readonly published: FlowPublishJson }
  | { readonly kind: "answered" };
export type Step = StepFacts & { readonly key: string; readonly bars: readonly Bar[] };

export type Axis = {
  readonly spanMs: number;
  readonly ticksMs: readonly number[];
};

/** What lasts still has this much room behind the last that is known. */
const RUNNING_ROOM = 1.25;
const DONE_ROOM = 1.03;
/** A story in which no time is measured has an axis all the same. */
const SPAN_MS_MIN = 0.1;
const TICKS_MAX = 5;
const TICK_STEPS = [1, 2, 5, 10];

export function toSteps(flow: FlowJson): readonly Step[] {
  return [toSenderStep(flow), toBrokerStep(flow), ...flow.runs.flatMap(toRunSteps), ...end(flow)];
}

export function toAxis(flow: FlowJson): Axis {
  const room = flow.status === "running" ? RUNNING_ROOM : DONE_ROOM;
  const spanMs = Math.max(SPAN_MS_MIN, toTotalMs(flow)) * room;
  const least = spanMs / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * (TICK_STEPS.find((one) => one * power >= least) ?? 10);
  const count = Math.floor(spanMs / step) + 1;
  return { spanMs, ticksMs: Array.from({ length: count }, (_, at) => at * step) };
}

export type StepTimes = {
  readonly waitedMs?: number;
  readonly startMs?: number;
  /** Absent while it lasts. */
  readonly tookMs?: number;
};

/** When the step began, after what waiting, and how long it took; as far as that is known. */
export function toTimes({ bars }: Step): StepTimes {
  const wait = bars.find(({ tone }) => tone === "wait");
  const act = bars.at(-1);
  if (!act) return {};
  const { startMs, endMs } = act;
  return {
    ...(wait?.endMs !== undefined && { waitedMs: wait.endMs - wait.startMs }),
    startMs,
    ...(endMs !== undefined && { tookMs: endMs - startMs }),
  };
}

// A request lasts until it is answered: when the broker has the message, or a call its reply.
function toSenderStep({ sender, arrived_ms }: FlowJson): Step {
  const { code, answered_ms, acknowledged_ms, sent_ms = 0 } = sender;
  const endMs = answered_ms ?? acknowledged_ms ?? (sender.kind === "http" ? arrived_ms : sent_ms);
  const tone = code === undefined ? "request" : "bad";
  return { kind: "sender", key: "sender", sender, bars: [{ tone, startMs: 0, endMs }] };
}

function toBrokerStep({ sender, arrived_ms }: FlowJson): Step {
  const bar = { tone: "broker", startMs: sender.sent_ms ?? 0, endMs: arrived_ms } as const;
  return { kind: "broker", key: "broker", bars: [bar] };
}

function toRunSteps(run: FlowRunJson, at: number): readonly Step[] {
  const key = `run-${at}`;
  const publishes = run.publishes.map((published, number): Step => {
    const { sent_ms: startMs, acknowledged_ms, answered_ms, code } = published;
    const endMs = answered_ms ?? acknowledged_ms ?? (code === undefined ? undefined : startMs);
    const tone = code === undefined ? "publish" : "bad";
    const bars = [{ tone, startMs, endMs }] as const;
    return { kind: "publish", key: `${key}-${number}`, published, bars };
  });
  return [{ kind: "run", key, run, bars: toRunBars(run) }, ...publishes];
}

function toRunBars({ start_ms, end_ms, queued_ms = 0, code }: FlowRunJson): readonly Bar[] {
  if (start_ms === undefined) {
    return end_ms === undefined ? [] : [{ tone: "bad", startMs: end_ms, endMs: end_ms }];
  }
  const tone = code === undefined ? "run" : "bad";
  const run = { tone, startMs: start_ms, endMs: end_ms } as const;
  if (queued_ms === 0) return [run];
  return [{ tone: "wait", startMs: start_ms - queued_ms, endMs: start_ms }, run];
}

// From the handler's reply until whoever asked had it.
function end({ sender, runs }: FlowJson): readonly Step[] {
  const { answered_ms: endMs } = sender;
  if (endMs === undefined) return [];
  const reply = runs.flatMap(({ publishes }) => publishes).find(({ is_reply }) => is_reply);
  const startMs = Math.min(reply?.sent_ms ?? endMs, endMs);
  return [{ kind: "answered", key: "answered", bars: [{ tone: "request", startMs, endMs }] }];
}
