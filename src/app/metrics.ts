// Everything that is counted, as metrics. Called by route-parts.ts for GET /metrics; what it reads
// is counted where it happens, and costs nothing when nobody asks.

import type { HttpFigures } from "../http/http-figures.ts";
import { counter, gauge, type MetricFamily } from "../lib/metric-family.ts";
import type { DeadLetters } from "../store/dead-letters.ts";
import type { Waiters } from "../store/waiters.ts";
import type { Bridge } from "./bridge.ts";
import { describeBroker } from "./broker-metrics.ts";
import { describeHandlers } from "./handler-metrics.ts";
import { describeHttp } from "./http-metrics.ts";
import { describeLink } from "./link-metrics.ts";
import { describeProcess } from "./process-metrics.ts";
import { describeHistory, describeValues, describeWatchers } from "./watching-metrics.ts";

/** What is counted beside the bridge, where HTTP is served. */
export type HttpCounts = { readonly figures: HttpFigures; readonly waiters: Waiters };

/** The metrics of a bridge, now. */
export function describeMetrics(bridge: Bridge, http: HttpCounts): MetricFamily[] {
  const { link, dispatcher, broker, watching } = bridge;
  return [
    ...describeProcess(dispatcher.lags),
    ...describeLink(link),
    ...describeHandlers(dispatcher.workers),
    ...describeStore(bridge),
    ...describeHttp(http.figures),
    ...describeWatchers(watching.watch, http.waiters.size),
    ...(broker ? describeBroker(broker.figures()) : []),
  ];
}

function describeStore({ observing, deadLetters, failures }: Bridge): MetricFamily[] {
  return [
    gauge("viaduto_handler_files_failed", "Handler files that do not load.", failures().length),
    ...describeValues(observing.values),
    ...(observing.history ? describeHistory(observing.history.figures) : []),
    ...describeDeadLetters(deadLetters),
  ];
}

function describeDeadLetters(letters: DeadLetters): MetricFamily[] {
  // A disk that fails is when the other figures are wanted most.
  const read = (value: () => number) => {
    try {
      return value();
    } catch {
      return []; // Without a sample; whoever puts or lists one is told why.
    }
  };
  return [
    gauge(
      "viaduto_dead_letters",
      "Dead letters that are kept.",
      read(() => letters.size),
    ),
    gauge(
      "viaduto_dead_letter_payload_bytes",
      "Bytes of their payloads.",
      read(() => letters.bytes),
    ),
    counter(
      "viaduto_dead_letters_dropped",
      "Dead letters that a limit pushed out.",
      letters.dropped,
    ),
  ];
}
