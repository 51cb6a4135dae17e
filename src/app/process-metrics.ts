// The process as metrics. Called by metrics.ts; `lags` is filled by handlers/stall-watch.ts.

import type { Histogram } from "../lib/histogram.ts";
import { counter, gauge, histogram, type MetricFamily } from "../lib/metric-family.ts";
import { VERSION } from "../lib/version.ts";

const MICROSECONDS = 1_000_000;

export function describeProcess(lags: Histogram): MetricFamily[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    {
      type: "info",
      name: "viaduto_build",
      help: "The version of this bridge, and of what it runs on.",
      samples: [{ labels: { version: VERSION, bun: Bun.version }, value: 1 }],
    },
    gauge("viaduto_uptime_seconds", "How long the process runs.", process.uptime()),
    gauge("viaduto_process_resident_memory_bytes", "Memory of the process.", rss),
    gauge("viaduto_process_heap_bytes", "Memory in use on its heap.", heapUsed),
    counter("viaduto_process_cpu_seconds", "Time of processors.", [
      { labels: { mode: "user" }, value: user / MICROSECONDS },
      { labels: { mode: "system" }, value: system / MICROSECONDS },
    ]),
    histogram("viaduto_event_loop_lag_seconds", "How late a timer was, four times a second.", [
      { histogram: lags },
    ]),
  ];
}
