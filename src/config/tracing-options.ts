// Where spans go, under the names that OpenTelemetry gave its variables. Part of the schema. What
// is not here, as certificates and compression, the exporter reads from the environment by itself.

import { choice, integer, optionalText, text } from "./option-kinds.ts";

const TRACING = { group: "Tracing" } as const;

export const TRACING_OPTIONS = {
  otlpEndpoint: optionalText({
    ...TRACING,
    description:
      "where spans go, over OTLP/HTTP: the base URL of a collector, as http://127.0.0.1:4318; " +
      "without one nothing is traced",
    placeholder: "URL",
    environment: ["OTEL_EXPORTER_OTLP_ENDPOINT"],
  }),
  otlpProtocol: choice(["http/protobuf", "http/json"], {
    ...TRACING,
    description: "how spans are written",
    environment: ["OTEL_EXPORTER_OTLP_PROTOCOL"],
    default: "http/protobuf",
  }),
  otlpHeaders: optionalText({
    ...TRACING,
    description: "headers for the collector, as api-key=value,other=value, percent-encoded",
    placeholder: "headers",
    environment: ["OTEL_EXPORTER_OTLP_HEADERS"],
    secret: true,
  }),
  otlpTimeoutMs: integer({
    ...TRACING,
    description: "how long the collector may take to answer",
    placeholder: "milliseconds",
    environment: ["OTEL_EXPORTER_OTLP_TIMEOUT"],
    unit: "milliseconds",
    default: 10_000,
    minimum: 1,
    maximum: 3_600_000,
  }),
  serviceName: text({
    ...TRACING,
    description: "the name of this bridge among others' spans",
    placeholder: "name",
    environment: ["OTEL_SERVICE_NAME"],
    default: "viaduto",
  }),
  resourceAttributes: optionalText({
    ...TRACING,
    description: "what else each span says of this bridge, as deployment.environment=test,…",
    placeholder: "attributes",
    environment: ["OTEL_RESOURCE_ATTRIBUTES"],
  }),
  tracesSampler: choice(
    [
      "always_on",
      "always_off",
      "traceidratio",
      "parentbased_always_on",
      "parentbased_always_off",
      "parentbased_traceidratio",
    ],
    {
      ...TRACING,
      description: "which traces are told; those of parentbased do as the sender of the trace did",
      placeholder: "name",
      environment: ["OTEL_TRACES_SAMPLER"],
      default: "parentbased_always_on",
    },
  ),
  tracesSamplerArg: text({
    ...TRACING,
    description: "the part of all traces that traceidratio tells, from 0 to 1",
    placeholder: "number",
    environment: ["OTEL_TRACES_SAMPLER_ARG"],
    default: "1",
    pattern: "^(0|1|0?\\.\\d+|1\\.0+|0\\.0*)$",
    allowed: "a number from 0 to 1",
  }),
  spanQueueMax: integer({
    ...TRACING,
    description: "spans that wait for the collector; beyond it they are dropped",
    placeholder: "number",
    environment: ["OTEL_BSP_MAX_QUEUE_SIZE"],
    default: 2048,
    minimum: 1,
    maximum: 1_000_000,
  }),
  spanDelayMs: integer({
    ...TRACING,
    description: "how long spans wait for others to go with them",
    placeholder: "milliseconds",
    environment: ["OTEL_BSP_SCHEDULE_DELAY"],
    unit: "milliseconds",
    default: 5000,
    minimum: 1,
    maximum: 3_600_000,
  }),
} as const;
