// Tracing, for whoever asks for it: spans go to a collector over OTLP. Opened by app/bridge.ts. The
// library behind it is loaded only then: nobody else waits for it, or has it in memory.

import type { Settings } from "../config/read.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Tracer } from "../lib/tracer.ts";

export type Tracing = AsyncDisposable & {
  /** Undefined when nobody traces. */
  readonly tracer: Tracer | undefined;
};

const NO_TRACING: Tracing = { tracer: undefined, async [Symbol.asyncDispose]() {} };

/** Disposing sends what waits, and gives up after two seconds. Throws `option_invalid`. */
export async function openTracing(settings: Settings, log: Logger): Promise<Tracing> {
  const { otlpEndpoint } = settings;
  if (otlpEndpoint === undefined) return NO_TRACING;
  const tracesUrl = toTracesUrl(otlpEndpoint);
  const { openExport } = await import("./span-export.ts");
  return openExport({ ...settings, tracesUrl, log });
}

// The path of a signal goes behind that of the base URL, whether it ends with a slash or not
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/, "Endpoint URLs for OTLP/HTTP").
function toTracesUrl(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new ViadutoError("option_invalid", {
      name: "otlp-endpoint",
      given: endpoint,
      source: "--otlp-endpoint (OTEL_EXPORTER_OTLP_ENDPOINT)",
      allowed: "an http:// or https:// URL",
    });
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}
