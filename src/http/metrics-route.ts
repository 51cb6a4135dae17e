// GET /metrics: what is counted, for Prometheus and whoever reads its format. Counted elsewhere,
// all the time; read here, when it is asked for.

import { Elysia } from "elysia";
import type { MetricFamily } from "../lib/metric-family.ts";
import { callerOf } from "./caller.ts";
import { OPEN_METRICS_TYPE, PROMETHEUS_TYPE, writeMetrics } from "./exposition.ts";
import { readQuery } from "./query.ts";

/** GET /metrics; OpenMetrics when it is asked for. Answers `query_invalid`. */
export function metricsRoute(getMetrics: () => readonly MetricFamily[]) {
  return new Elysia().get(
    "/metrics",
    ({ request }) => {
      callerOf(request).check("read");
      readQuery(request, []);
      const accept = request.headers.get("accept") ?? "";
      const isOpenMetrics = accept.includes("application/openmetrics-text");
      const type = isOpenMetrics ? OPEN_METRICS_TYPE : PROMETHEUS_TYPE;
      const headers = { "Content-Type": type, "Cache-Control": "no-store", Vary: "Accept" };
      return new Response(writeMetrics(getMetrics(), isOpenMetrics), { headers });
    },
    {
      detail: {
        operationId: "getMetrics",
        summary: "What is counted, as Prometheus reads it",
        description:
          "Prometheus' text format 0.0.4; OpenMetrics 1.0 when Accept asks for " +
          "application/openmetrics-text.",
        tags: ["operations"],
      },
    },
  );
}
