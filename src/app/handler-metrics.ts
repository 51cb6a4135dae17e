// The handlers' figures as metrics. Called by metrics.ts. As many samples as there are handlers.

import type { Worker } from "../handlers/worker.ts";
import {
  counter,
  gauge,
  histogram,
  type MetricFamily,
  type Sample,
  toEntrySamples,
} from "../lib/metric-family.ts";

export function describeHandlers(workers: readonly Worker[]): MetricFamily[] {
  const each = (read: (worker: Worker) => number): Sample[] => {
    return workers.map((worker) => ({ labels: toLabels(worker), value: read(worker) }));
  };
  return [
    counter(
      "viaduto_handler_received_messages",
      "Messages that came for the handler.",
      each(({ figures }) => figures.received),
    ),
    counter(
      "viaduto_handler_handled_messages",
      "Messages whose handler finished.",
      each(({ figures }) => figures.handled),
    ),
    counter(
      "viaduto_handler_failures",
      "Attempts that failed, by the code of the error.",
      workers.flatMap((worker) => {
        return toEntrySamples("code", worker.figures.failedByCode, toLabels(worker));
      }),
    ),
    counter(
      "viaduto_handler_retries",
      "Attempts after the first.",
      each(({ figures }) => figures.retried),
    ),
    counter(
      "viaduto_handler_dead_letters",
      "Messages that went to the dead letters.",
      each(({ figures }) => figures.deadLetters),
    ),
    gauge(
      "viaduto_handler_running",
      "Runs at work.",
      each(({ load }) => load.running),
    ),
    gauge(
      "viaduto_handler_waiting_messages",
      "Messages that wait for a run.",
      each(({ load }) => load.waiting),
    ),
    histogram(
      "viaduto_handler_duration_seconds",
      "How long attempts took.",
      workers.map((worker) => {
        return { labels: toLabels(worker), histogram: worker.figures.durations };
      }),
    ),
  ];
}

function toLabels({ named }: Worker): { handler: string } {
  return { handler: named.name };
}
