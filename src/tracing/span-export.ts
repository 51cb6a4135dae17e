// Spans on their way to a collector, by OpenTelemetry's own library: a bounded queue, batches, and
// OTLP over HTTP. Loaded by tracing.ts, and only when somebody traces.

import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Settings } from "../config/read.ts";
import type { Logger } from "../lib/log.ts";
import { VERSION } from "../lib/version.ts";
import { reportExport } from "./export-report.ts";
import { parsePairs } from "./pairs.ts";
import { createSampler } from "./sampler.ts";
import { createTracer } from "./spans.ts";
import type { Tracing } from "./tracing.ts";

export type ExportOptions = Pick<
  Settings,
  | "otlpProtocol"
  | "otlpHeaders"
  | "otlpTimeoutMs"
  | "serviceName"
  | "resourceAttributes"
  | "tracesSampler"
  | "tracesSamplerArg"
  | "spanQueueMax"
  | "spanDelayMs"
> & { readonly tracesUrl: string; readonly log: Logger };

/** Most spans that go together. */
const BATCH_MAX = 512;
/** How long a stopping bridge waits for the collector. */
const FLUSH_TIMEOUT_MS = 2_000;
/** Characters of an attribute: a topic may have 65,535. */
const ATTRIBUTE_CHARACTERS_MAX = 1_024;

/** A tracer whose spans leave. Throws `option_invalid`. */
export function openExport(options: ExportOptions): Tracing {
  const { spanQueueMax, spanDelayMs, otlpTimeoutMs, tracesSampler, tracesSamplerArg } = options;
  const provider = new TracerProvider({
    resource: createResource(options),
    sampler: createSampler(tracesSampler, Number(tracesSamplerArg)),
    spanLimits: { attributeValueLengthLimit: ATTRIBUTE_CHARACTERS_MAX },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reportExport(createExporter(options), options.tracesUrl, options.log),
        maxQueueSize: spanQueueMax,
        maxExportBatchSize: Math.min(BATCH_MAX, spanQueueMax),
        scheduledDelayMillis: spanDelayMs,
        // The exporter tries again until its own time is up.
        exportTimeoutMillis: otlpTimeoutMs + 1_000,
      }),
    ],
  });
  return {
    tracer: createTracer(provider.getTracer("viaduto", VERSION)),
    async [Symbol.asyncDispose]() {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, FLUSH_TIMEOUT_MS);
      // What could not be sent, the exporter has told.
      const flushed = provider.shutdown().catch(() => {});
      await Promise.race([flushed, late.promise]).finally(() => clearTimeout(timer));
    },
  };
}

function createExporter(options: ExportOptions): SpanExporter {
  const { tracesUrl: url, otlpProtocol, otlpTimeoutMs: timeoutMillis, otlpHeaders = "" } = options;
  const headers = parsePairs("otlp-headers", otlpHeaders);
  const Exporter = otlpProtocol === "http/json" ? JsonExporter : ProtobufExporter;
  return new Exporter({ url, timeoutMillis, headers });
}

// The name of OTEL_SERVICE_NAME goes before that among the attributes, but our default does not
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
function createResource({ serviceName, resourceAttributes = "" }: ExportOptions) {
  const given = parsePairs("resource-attributes", resourceAttributes);
  const name = serviceName === "viaduto" ? (given["service.name"] ?? serviceName) : serviceName;
  return defaultResource().merge(
    resourceFromAttributes({
      "service.version": VERSION,
      "service.instance.id": crypto.randomUUID(),
      ...given,
      "service.name": name,
    }),
  );
}
