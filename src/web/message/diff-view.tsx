// What changed since the message before: removed and added lines, with a little of what stayed.

import { formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { HeldMessage } from "./held-messages.ts";
import { toHexLines } from "./hex-lines.ts";
import { toJsonLines } from "./json-reading.ts";
import { type DiffLine, diffLines } from "./line-diff.ts";
import { type Payload, readPayload } from "./payload-kind.ts";

export type DiffViewProps = {
  readonly payload: Payload;
  readonly before: HeldMessage | undefined;
};

const CONTEXT_LINES = 3;
const LINES_MAX = 1_000;
const HEX_LINES_MAX = 4_096;
const MARKS = { added: "+", removed: "−", same: " " } as const;

export function DiffView({ payload, before }: DiffViewProps) {
  if (!before) return <p class="soft">{say("message.noBefore")}</p>;
  const old = readPayload(before);
  const bothJson = old.json !== undefined && payload.json !== undefined;
  const lines = diffLines(toLines(old, bothJson), toLines(payload, bothJson));
  if (lines.every(({ kind }) => kind === "same")) {
    return <p class="soft">{say("message.sameAsBefore")}</p>;
  }
  return (
    <>
      <p class="soft">{say("message.changedSince", { time: formatTime(before.id / 1000) })}</p>
      <ol class="diff">
        {toRuns(lines)
          .slice(0, LINES_MAX)
          .map((run, at) => (
            // The place is all that tells two equal lines apart.
            <DiffRow key={at} run={run} />
          ))}
      </ol>
    </>
  );
}

type Run = DiffLine | { readonly kind: "skipped"; readonly count: number };

function DiffRow({ run }: { readonly run: Run }) {
  if (run.kind === "skipped") {
    return <li class="skipped soft">{say("message.sameLines", { count: run.count })}</li>;
  }
  return (
    <li class={run.kind}>
      <span class="mark" aria-hidden="true">
        {MARKS[run.kind]}
      </span>
      {run.kind !== "same" && <span class="unseen">{say(`message.${run.kind}`)}: </span>}
      <code>{run.text}</code>
    </li>
  );
}

function toLines({ json, text, bytes }: Payload, asJson: boolean): string[] {
  if (asJson && json) return toJsonLines(json);
  if (text !== undefined) return text.split("\n");
  return toHexLines(bytes, HEX_LINES_MAX).map(({ hex, ascii }) => `${hex}  ${ascii}`);
}

/** Long runs of what stayed become one row each. */
function toRuns(lines: readonly DiffLine[]): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < lines.length && runs.length < LINES_MAX; ) {
    const end = findChange(lines, at);
    const start = at === 0 ? 0 : at + CONTEXT_LINES;
    const stop = end === lines.length ? end : end - CONTEXT_LINES;
    if (stop - start > 1) {
      const skipped = { kind: "skipped", count: stop - start } as const;
      runs.push(...lines.slice(at, start), skipped, ...lines.slice(stop, end));
    } else {
      runs.push(...lines.slice(at, end));
    }
    runs.push(...lines.slice(end, end + 1));
    at = end + 1;
  }
  return runs;
}

/** The place of the first line from here on that is not the same. */
function findChange(lines: readonly DiffLine[], from: number): number {
  let at = from;
  while (lines[at]?.kind === "same") at += 1;
  return at;
}
