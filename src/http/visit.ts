// What is known of a request beside what it says itself. The guard opens a visit for each request
// that it lets through, and the routes ask. One record for all of it: each further map by request
// would cost every request anew.

import type { TraceContext } from "../lib/trace-context.ts";
import type { Caller } from "./caller.ts";

export type Visit = {
  readonly caller: Caller;
  /** In the answer, and in log lines. */
  readonly id: string;
  /** When it came: performance.now(). */
  readonly startedAtMs: number;
  /** Empty when it is not known: a library's app that mounts the routes may name none. */
  readonly address: string;
  /** The whole body, where it was read. */
  readonly body: Buffer | undefined;
  /** The request's span; when nobody traces, what the caller sent. */
  trace: TraceContext | undefined;
  /** The pattern of the route that took it; empty until one did. */
  route: string;
};

const visits = new WeakMap<Request, Visit>();

export function openVisit(request: Request, visit: Visit): void {
  visits.set(request, visit);
}

/** Undefined for what came past the guard. */
export function visitOf(request: Request): Visit | undefined {
  return visits.get(request);
}

/** Empty when it is not known. */
export function addressOf(request: Request): string {
  return visits.get(request)?.address ?? "";
}

export function requestIdOf(request: Request): string | undefined {
  return visits.get(request)?.id;
}
