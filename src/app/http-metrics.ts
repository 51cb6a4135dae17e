// What is counted of HTTP as metrics. Called by metrics.ts. Routes are patterns; a request that no
// route took, whatever its path, is counted under an empty one.

import type { HttpFigures } from "../http/http-figures.ts";
import { counter, gauge, histogram, type MetricFamily } from "../lib/metric-family.ts";

export function describeHttp({ routes, running }: HttpFigures): MetricFamily[] {
  return [
    counter(
      "viaduto_http_requests",
      "Requests that were answered.",
      routes.flatMap(({ method, route, statuses }) => {
        return [...statuses].map(([status, value]) => {
          return { labels: { method, route, status: String(status) }, value };
        });
      }),
    ),
    gauge("viaduto_http_requests_running", "Requests that are not answered yet.", running),
    histogram(
      "viaduto_http_request_duration_seconds",
      "From the request to the head of its answer.",
      routes.map(({ method, route, durations }) => {
        return { labels: { method, route }, histogram: durations };
      }),
    ),
  ];
}
