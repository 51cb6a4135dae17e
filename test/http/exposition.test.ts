// Metrics as text: labels and help of any content, and histograms.

import { expect, test } from "bun:test";
import { writeMetrics } from "../../src/http/exposition.ts";
import { Histogram } from "../../src/lib/histogram.ts";
import { counter, gauge, histogram } from "../../src/lib/metric-family.ts";
import { readMetrics } from "../kit/metrics-reader.ts";

test("labels come back as they were, whatever is in them", () => {
  const odd = 'a "quoted" \\ back\nslash, {and} = more ü';
  const families = [
    gauge("x_bytes", 'help "with" \\ and\nlines', [{ labels: { odd }, value: 1.5 }]),
  ];
  for (const format of ["prometheus", "openmetrics"] as const) {
    const text = writeMetrics(families, format === "openmetrics");
    const samples = readMetrics(text, format).get("x_bytes")?.samples;
    expect(samples).toEqual([{ name: "x_bytes", labels: { odd }, value: 1.5 }]);
  }
});

test("the two formats differ in counters, units and the end", () => {
  const families = [counter("x_seconds", "Time.", 3)];
  expect(writeMetrics(families, false)).toBe(
    "# HELP x_seconds_total Time.\n# TYPE x_seconds_total counter\nx_seconds_total 3\n",
  );
  expect(writeMetrics(families, true)).toBe(
    "# HELP x_seconds Time.\n# TYPE x_seconds counter\n# UNIT x_seconds seconds\n" +
      "x_seconds_total 3\n# EOF\n",
  );
});

test("a histogram counts each value up to its bound, and above", () => {
  const values = new Histogram([0.1, 1]);
  for (const value of [0, 0.1, 0.5, 1, 2]) values.add(value);
  const text = writeMetrics([histogram("x", "Help.", [{ histogram: values }])], false);
  const samples = readMetrics(text, "prometheus").get("x")?.samples ?? [];
  expect(samples.map(({ labels: { le }, value }) => [le, value])).toEqual([
    ["0.1", 2],
    ["1.0", 4],
    ["+Inf", 5],
    [undefined, 3.6],
    [undefined, 5],
  ]);
  expect(values.count).toBe(5);
});
