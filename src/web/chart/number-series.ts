// Numbers of JSON payloads over time, as columns for the chart and its table. Bounded by the
// messages that the pane holds; each payload is read once. Pure but for what it remembers.

import type { HeldMessage } from "../message/held-messages.ts";
import { findMember, readJson } from "../message/json-reading.ts";

export type NumberSeries = {
  /** Seconds since 1970, of the messages with any of the numbers. */
  readonly times: readonly number[];
  /** For each pointer one value a time; null where a message has none. */
  readonly columns: readonly (readonly (number | null)[])[];
};

export type SeriesReader = (
  messages: readonly HeldMessage[],
  pointers: readonly string[],
) => NumberSeries;

const MICROSECONDS_PER_SECOND = 1_000_000;

/** What it remembers goes with the messages. */
export function createSeriesReader(): SeriesReader {
  const known = new WeakMap<HeldMessage, Map<string, number | null>>();
  return (messages, pointers) => {
    const rows = messages.map((message) => {
      const numbers = known.get(message) ?? new Map<string, number | null>();
      known.set(message, numbers);
      readNumbers(message, pointers, numbers);
      return { message, values: pointers.map((pointer) => numbers.get(pointer) ?? null) };
    });
    const filled = rows.filter(({ values }) => values.some((value) => value !== null));
    return {
      times: filled.map(({ message }) => message.id / MICROSECONDS_PER_SECOND),
      columns: pointers.map((_, at) => filled.map(({ values }) => values[at] ?? null)),
    };
  };
}

function readNumbers(
  { payload, payload_encoding }: HeldMessage,
  pointers: readonly string[],
  numbers: Map<string, number | null>,
): void {
  const missing = pointers.filter((pointer) => !numbers.has(pointer));
  if (missing.length === 0) return;
  const root = payload_encoding === "plain" ? readJson(payload) : undefined;
  for (const pointer of missing) {
    const node = root && findMember(root, pointer);
    const value = node?.kind === "number" ? Number(node.source) : Number.NaN;
    // 1e999 is JSON, but no place in a chart.
    numbers.set(pointer, Number.isFinite(value) ? value : null);
  }
}
