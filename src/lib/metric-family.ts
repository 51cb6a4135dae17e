// A metric as Prometheus sees it: a family of samples under one name, told apart by labels. Made by
// app/*-metrics.ts, written by http/exposition.ts. Data only.
//
// Names say the base unit (seconds, bytes) last, and labels have few values: never a topic, a path
// or a client id, of which strangers make as many as they like.

import type { Histogram } from "./histogram.ts";

export type Labels = Readonly<Record<string, string>>;

export type MetricFamily = {
  /** Without the `_total` of a counter. */
  readonly name: string;
  readonly help: string;
  readonly unit?: "seconds" | "bytes";
} & (
  | { readonly type: "counter" | "gauge" | "info"; readonly samples: readonly Sample[] }
  | { readonly type: "histogram"; readonly histograms: readonly HistogramSample[] }
);

export type Sample = { readonly labels?: Labels; readonly value: number };
export type HistogramSample = { readonly labels?: Labels; readonly histogram: Histogram };

type Values = number | readonly Sample[];

/** What only grows, until the bridge is started anew. */
export function counter(name: string, help: string, values: Values): MetricFamily {
  return { type: "counter", name, help, samples: toSamples(values), ...toUnit(name) };
}

/** What is so now. */
export function gauge(name: string, help: string, values: Values): MetricFamily {
  return { type: "gauge", name, help, samples: toSamples(values), ...toUnit(name) };
}

export function histogram(
  name: string,
  help: string,
  histograms: readonly HistogramSample[],
): MetricFamily {
  return { type: "histogram", name, help, histograms, ...toUnit(name) };
}

/** A sample for each entry, told apart by the label. */
export function toEntrySamples(
  label: string,
  entries: Iterable<readonly [string, number]>,
  labels: Labels = {},
): Sample[] {
  return [...entries].map(([key, value]) => ({ labels: { ...labels, [label]: key }, value }));
}

function toSamples(values: Values): readonly Sample[] {
  return typeof values === "number" ? [{ value: values }] : values;
}

function toUnit(name: string): Pick<MetricFamily, "unit"> {
  const unit = (["seconds", "bytes"] as const).find((one) => name.endsWith(`_${one}`));
  return unit === undefined ? {} : { unit };
}
