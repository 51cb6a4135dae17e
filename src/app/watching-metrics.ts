// What passes and is kept, and who watches it, as metrics. Called by metrics.ts.

import { counter, gauge, type MetricFamily } from "../lib/metric-family.ts";
import type { HistoryFigures } from "../store/history.ts";
import type { LastValues } from "../store/last-values.ts";
import type { Watch } from "../store/watch.ts";

export function describeValues({ size, bytes }: Pick<LastValues, "size" | "bytes">) {
  return [
    gauge("viaduto_topics", "Topics whose last value is kept.", size),
    gauge("viaduto_topics_bytes", "Bytes of those topics, payloads and properties.", bytes),
  ];
}

export function describeHistory({ recorded, skipped, bytes }: HistoryFigures): MetricFamily[] {
  return [
    counter("viaduto_history_recorded_messages", "Messages that were recorded.", recorded),
    counter(
      "viaduto_history_skipped_messages",
      "Messages that were not recorded: there were too many, or the disk did not take them.",
      skipped,
    ),
    gauge("viaduto_history_bytes", "What the file of the history takes.", bytes),
  ];
}

/** `waiters` are the requests that wait for a message. */
export function describeWatchers(
  { size, waitingMessages, waitingBytes }: Watch,
  waiters: number,
): MetricFamily[] {
  return [
    gauge("viaduto_streams", "Streams that are open.", size),
    gauge(
      "viaduto_streams_waiting_messages",
      "Messages that wait for slow streams; one counts for each of them.",
      waitingMessages,
    ),
    gauge("viaduto_streams_waiting_bytes", "Bytes of those.", waitingBytes),
    gauge("viaduto_waiters", "Requests that wait for a message.", waiters),
  ];
}
