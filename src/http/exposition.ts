// Metrics as text: Prometheus' own format, version 0.0.4, and OpenMetrics 1.0, which differ in the
// names of counters, in units and in the end. Our own and not prom-client's: the figures are
// counted where they happen, and nothing is left for a library but these lines. Pure.
//
// https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
// https://prometheus.io/docs/specs/om/open_metrics_spec/

import type { Histogram } from "../lib/histogram.ts";
import type { Labels, MetricFamily } from "../lib/metric-family.ts";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
export const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** The families as text that ends with a line feed. */
export function writeMetrics(families: readonly MetricFamily[], isOpenMetrics: boolean): string {
  const lines = families.flatMap((family) => writeFamily(family, isOpenMetrics));
  if (isOpenMetrics) lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function writeFamily(family: MetricFamily, isOpenMetrics: boolean): string[] {
  const { name, type, unit } = family;
  const suffix = SUFFIXES[type];
  const own = isOpenMetrics ? name : `${name}${suffix}`;
  // Prometheus' older format has no type for what is said once and is always 1.
  const word = type === "info" && !isOpenMetrics ? "gauge" : type;
  const head = [
    `# HELP ${own} ${escapeHelp(family.help, isOpenMetrics)}`,
    `# TYPE ${own} ${word}`,
    ...(isOpenMetrics && unit ? [`# UNIT ${own} ${unit}`] : []),
  ];
  if (family.type === "histogram") {
    const rows = family.histograms.flatMap(({ labels = {}, histogram }) => {
      return writeHistogram(name, labels, histogram);
    });
    return [...head, ...rows];
  }
  const rows = family.samples.map(({ labels = {}, value }) => {
    return writeSample(`${name}${suffix}`, labels, value);
  });
  return [...head, ...rows];
}

const SUFFIXES = { counter: "_total", gauge: "", info: "_info", histogram: "" } as const;

function writeHistogram(name: string, labels: Labels, histogram: Histogram): string[] {
  const { bounds, counts, sum } = histogram;
  let count = 0;
  const buckets = counts.map((more, at) => {
    count += more;
    const bound = bounds[at];
    const le = bound === undefined ? "+Inf" : toFloat(bound);
    return writeSample(`${name}_bucket`, { ...labels, le }, count);
  });
  return [
    ...buckets,
    writeSample(`${name}_sum`, labels, sum),
    writeSample(`${name}_count`, labels, count),
  ];
}

function writeSample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

// A bound is a float in every format: 1 is written 1.0 so that it is the same label everywhere.
function toFloat(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function escapeHelp(text: string, isOpenMetrics: boolean): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
