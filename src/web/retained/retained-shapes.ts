// The JSON of /retained, as this page reads it: types alone; and the paths that it asks.

import type { PropertiesJson } from "../live/bridge-answers.ts";

type Completeness = {
  readonly completeness: "complete" | "likely" | "cut";
  /** Why it may not be complete. */
  readonly reason?: string;
};

export type RetainedJson = {
  readonly topic: string;
  /** When the bridge has seen it. */
  readonly at?: string;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  readonly payload_bytes: number;
  readonly payload_cut?: true;
  readonly qos: number;
  readonly properties?: PropertiesJson;
};
export type RetainedPageJson = Completeness & {
  readonly messages: readonly RetainedJson[];
  readonly total: number;
  readonly next?: string;
};

type Refusal = { readonly code: string; readonly message: string; readonly count: number };

export type DeletedJson = Completeness & {
  readonly matched: number;
  readonly deletable: number;
  readonly deleted: number;
  readonly refused: number;
  readonly left: number;
  readonly refusals: readonly Refusal[];
  readonly examples: readonly string[];
};
export type RestoredJson = {
  readonly restored: number;
  readonly kept: number;
  readonly refused: number;
  readonly left: number;
  readonly refusals: readonly Refusal[];
};

/** `retained?filter=…`, with what else is given. */
export function toRetainedPath(
  filter: string,
  more: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const query = new URLSearchParams({ filter });
  for (const [name, value] of Object.entries(more)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `retained?${query}`;
}
