// The steps of a story as a table with a column of bars on one axis of time. Whoever does not see
// the bars has the same in the other columns.

import { Fragment } from "preact";
import type { FlowJson } from "../live/flow-answers.ts";
import { toHash } from "../shell/route.ts";
import { formatDuration } from "../words/durations.ts";
import { say } from "../words/words.ts";
import { toStepOutcome, toStepWords } from "./story-words.ts";
import { type Axis, type Bar, type Step, toAxis, toSteps, toTimes } from "./waterfall.ts";

export type WaterfallTableProps = {
  readonly flow: FlowJson;
  readonly onLetter: (id: number) => void;
};

const LEGEND = {
  request: "flow.toneRequest",
  broker: "flow.toneBroker",
  wait: "flow.toneWait",
  run: "flow.toneRun",
  publish: "flow.tonePublish",
  bad: "flow.toneBad",
} as const satisfies Record<Bar["tone"], string>;
const PERCENT = 100;
/** Of the axis: a shorter waiting is not worth words. */
const WAIT_PART_MIN = 0.05;
/** Of the axis: behind it there is no room for the words of a tick. */
const TICK_WORDS_PART_MAX = 0.9;

export function WaterfallTable({ flow, onLetter }: WaterfallTableProps) {
  const steps = toSteps(flow);
  const axis = toAxis(flow);
  const tones = new Set(steps.flatMap(({ bars }) => bars).map(({ tone }) => tone));
  return (
    <>
      <table class="waterfall">
        <thead>
          <tr>
            <th scope="col">{say("flow.step")}</th>
            <th scope="col" class="number">
              {say("flow.began")}
            </th>
            <th scope="col" class="number">
              {say("flow.took")}
            </th>
            <td class="bars" aria-hidden="true">
              <Ticks axis={axis} hasWords />
            </td>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <StepRow key={step.key} step={step} axis={axis} onLetter={onLetter} />
          ))}
        </tbody>
      </table>
      <p class="legend" aria-hidden="true">
        {Object.entries(LEGEND).map(([tone, key]) =>
          tones.has(tone as Bar["tone"]) ? (
            <span key={tone}>
              <i class={`bar ${tone}`} /> {say(key)}
            </span>
          ) : null,
        )}
      </p>
    </>
  );
}

type StepRowProps = {
  readonly step: Step;
  readonly axis: Axis;
  readonly onLetter: (id: number) => void;
};

function StepRow({ step, axis, onLetter }: StepRowProps) {
  const { waitedMs = 0, startMs, tookMs } = toTimes(step);
  const toldWaitMs = waitedMs > axis.spanMs * WAIT_PART_MIN ? waitedMs : undefined;
  return (
    <tr class={step.kind}>
      <th scope="row">
        <StepWords step={step} waitedMs={toldWaitMs} onLetter={onLetter} />
      </th>
      <td class="number" data-name={say("flow.began")}>
        {startMs === undefined ? "–" : formatDuration(startMs)}
      </td>
      <td class="number" data-name={say("flow.took")}>
        {tookMs === undefined ? "…" : formatDuration(tookMs)}
      </td>
      <td class="bars" aria-hidden="true">
        <Ticks axis={axis} />
        {step.bars.map((bar) => (
          <i key={bar.tone} class={toBarClass(bar)} style={toPlace(bar, axis)} />
        ))}
      </td>
    </tr>
  );
}

type StepWordsProps = Pick<StepRowProps, "step" | "onLetter"> & {
  /** Undefined when it is not worth words. */
  readonly waitedMs: number | undefined;
};

function StepWords({ step, waitedMs, onLetter }: StepWordsProps) {
  const outcome = toStepOutcome(step);
  const told =
    step.kind === "run" ? step.run : step.kind === "publish" ? step.published : undefined;
  const letter = step.kind === "run" ? step.run.dead_letter : undefined;
  const child = step.kind === "publish" ? step.published.flow : undefined;
  return (
    <>
      <span class="step-words">{toStepWords(step)}</span>{" "}
      {outcome && <span class={`badge ${outcome.tone}`}>{outcome.words}</span>}{" "}
      {child !== undefined && (
        <a class="step-child" href={toHash("flow", `${child}`)}>
          ↓ {say("flow.child")}
        </a>
      )}
      {waitedMs !== undefined && (
        <span class="step-wait">{say("flow.waited", { time: formatDuration(waitedMs) })}</span>
      )}
      {told?.detail !== undefined && <span class="step-failure">{told.detail}</span>}
      {letter !== undefined && (
        <button type="button" class="step-letter" onClick={() => onLetter(letter)}>
          {say("flow.letter", { letter: `${letter}` })}
        </button>
      )}
    </>
  );
}

function Ticks({ axis, hasWords }: { readonly axis: Axis; readonly hasWords?: boolean }) {
  return (
    <>
      {axis.ticksMs.map((ms) => (
        <Fragment key={ms}>
          <i class="tick" style={{ left: toPercent(ms, axis) }} />
          {hasWords && ms < axis.spanMs * TICK_WORDS_PART_MAX && (
            <span class="tick-words" style={{ left: toPercent(ms, axis) }}>
              {formatDuration(ms)}
            </span>
          )}
        </Fragment>
      ))}
    </>
  );
}

function toBarClass({ tone, endMs }: Bar): string {
  return endMs === undefined ? `bar ${tone} open` : `bar ${tone}`;
}

function toPlace({ startMs, endMs }: Bar, axis: Axis) {
  const until = endMs ?? axis.spanMs;
  return { left: toPercent(startMs, axis), width: toPercent(until - startMs, axis) };
}

function toPercent(ms: number, { spanMs }: Axis): string {
  return `${(Math.max(0, ms) / spanMs) * PERCENT}%`;
}
