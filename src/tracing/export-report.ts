// Tells in the log, once, that the collector does not take the spans, and once that it does again:
// a collector that is away is no reason for a line a second. Used by span-export.ts.

import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { toReason } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";

type Result = Parameters<Parameters<SpanExporter["export"]>[1]>[0];

const SUCCESS = 0;

/** The same exporter, with its fate in the log. */
export function reportExport(exporter: SpanExporter, url: string, log: Logger): SpanExporter {
  let isFailing = false;
  let lostCount = 0;
  const note = ({ code, error }: Result, count: number) => {
    if (code !== SUCCESS) lostCount += count;
    if ((code !== SUCCESS) === isFailing) return;
    isFailing = code !== SUCCESS;
    if (isFailing) {
      const reason = error ? toReason(error) : "no reason given";
      log.warn(`the collector at ${url} does not take the spans: ${reason}; they are dropped`);
    } else {
      log.info(`the collector at ${url} takes the spans again; ${lostCount} were dropped`);
      lostCount = 0;
    }
  };
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        note(result, spans.length);
        // Told; the queue behind it would tell it again, on a channel that nobody reads.
        done({ code: SUCCESS });
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
