// What is counted of HTTP requests, for /metrics: by the pattern of their route, never by their
// path, so that no caller can make it grow.

import { Histogram } from "../lib/histogram.ts";

export type RouteFigures = {
  readonly method: string;
  /** The pattern, as /topics/*; empty when no route was reached. */
  readonly route: string;
  /** By status code. */
  readonly statuses: Map<number, number>;
  readonly durations: Histogram;
};

/** Others are one, as OpenTelemetry has it: a method is a word of the caller's. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
const OTHER_METHOD = "_OTHER";

/** The method by a name that is one of few. */
export function toKnownMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER_METHOD;
}

export class HttpFigures {
  /** Requests that are not answered yet. */
  running = 0;
  readonly #routes = new Map<string, RouteFigures>();

  get routes(): readonly RouteFigures[] {
    return [...this.#routes.values()];
  }

  /** An answer; `seconds` is the time to its head, its body may be a stream. */
  add(method: string, route: string, status: number, seconds: number): void {
    const key = `${method} ${route}`;
    let figures = this.#routes.get(key);
    if (!figures) {
      figures = { method, route, statuses: new Map(), durations: new Histogram() };
      this.#routes.set(key, figures);
    }
    figures.statuses.set(status, (figures.statuses.get(status) ?? 0) + 1);
    figures.durations.add(seconds);
  }
}
