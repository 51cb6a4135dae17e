// A copy of retained messages as the bridge gives them, one line of NDJSON each, to put them back:
// POST /retained takes the same lines.

import type { Api } from "../live/api.ts";
import { type RestoredJson, toRetainedPath } from "./retained-shapes.ts";

type Asking = Pick<Api, "ask" | "fetch">;

const NDJSON = { headers: { Accept: "application/x-ndjson" } } as const;
/** Of one request: what is refused by a limit is little. */
const BATCH_LINES_MAX = 1_000;
const BATCH_LENGTH_MAX = 256 * 1_024;

/** All messages of the filter; undefined when they are longer than `lengthMax` together. */
export async function readLines(
  { fetch }: Asking,
  filter: string,
  lengthMax: number,
  more: Readonly<Record<string, number>> = {},
): Promise<readonly string[] | undefined> {
  const lines: string[] = [];
  let left = lengthMax;
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; ) {
    isFirst = false;
    const path = toRetainedPath(filter, { ...more, format: "ndjson", after });
    const answer = await fetch(path, NDJSON);
    const text = await readText(answer, left);
    if (text === undefined) return undefined;
    left -= text.length;
    for (const line of text.split("\n")) if (line !== "") lines.push(line);
    const next = answer.headers.get("Retained-Next");
    after = next === null ? undefined : decodeURIComponent(next);
  }
  return lines;
}

/** Those whose topic has no retained message now: the others were not deleted, or are back. */
export async function dropPresent(
  asking: Asking,
  filter: string,
  lines: readonly string[],
): Promise<readonly string[]> {
  const present = await readLines(asking, filter, Number.POSITIVE_INFINITY, { payload_bytes: 0 });
  const topics = new Set((present ?? []).map(toTopic));
  return lines.filter((line) => !topics.has(toTopic(line)));
}

/** Puts them back, a batch at a time. `remaining` are of batches of which some were refused. */
export async function restoreLines(
  { ask }: Asking,
  lines: readonly string[],
): Promise<{ readonly sum: RestoredJson; readonly remaining: readonly string[] }> {
  let sum: RestoredJson = { restored: 0, kept: 0, refused: 0, left: 0, refusals: [] };
  const remaining: string[] = [];
  for (const batch of toBatches(lines)) {
    const headers = { "Content-Type": "application/x-ndjson" };
    const init = { method: "POST", headers, body: batch.join("\n") };
    const answer = await ask<RestoredJson>("retained", init);
    sum = add(sum, answer);
    if (answer.refused + answer.left > 0) remaining.push(...batch);
  }
  return { sum, remaining };
}

/** Each within the limits, but for a line that is longer than they are. */
export function toBatches(lines: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let length = 0;
  for (const line of lines) {
    const batch = batches.at(-1);
    length += line.length;
    if (batch && batch.length < BATCH_LINES_MAX && length <= BATCH_LENGTH_MAX) batch.push(line);
    else {
      batches.push([line]);
      length = line.length;
    }
  }
  return batches;
}

function toTopic(line: string): string {
  return (JSON.parse(line) as { readonly topic: string }).topic;
}

function add(one: RestoredJson, other: RestoredJson): RestoredJson {
  return {
    restored: one.restored + other.restored,
    kept: one.kept + other.kept,
    refused: one.refused + other.refused,
    left: one.left + other.left,
    refusals: [...one.refusals, ...other.refusals],
  };
}

async function readText(answer: Response, lengthMax: number): Promise<string | undefined> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) return text;
    text += value;
    if (text.length <= lengthMax) continue;
    await reader?.cancel();
    return undefined;
  }
}
