// GET /flows and /flows/<id>: what became of the messages that handlers got.

import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import type { FlowPage, Flows } from "../store/flows.ts";
import { matchPattern, parseFilter } from "../topics/pattern.ts";
import { callerOf } from "./caller.ts";
import { readDurationMs } from "./duration.ts";
import { readFilter } from "./filter-query.ts";
import { toFlowJson } from "./flow-json.ts";
import { FLOWS_LIMIT, FLOWS_LIMIT_MAX, LIST, SHOW } from "./flow-schemas.ts";
import { readQuery } from "./query.ts";
import { createReadable } from "./readable-topics.ts";

export type FlowParts = {
  /** Undefined when none are told. */
  readonly flows: Flows | undefined;
  /** Aborted when the bridge stops. */
  readonly stopping: AbortSignal;
};

const WAIT_MS_MAX = 600_000;

/**
 * The routes. Answer `query_invalid`, `flows_off`, `flow_unknown`, `flow_waiters_full`, and
 * `link_closed` to who waits when the bridge stops.
 */
export function flowsRoute(parts: FlowParts) {
  return new Elysia()
    .get("/flows", ({ request }) => listFlows(parts, request), LIST)
    .get("/flows/:id", ({ params, request }) => showFlow(parts, params.id, request), SHOW);
}

function showFlow({ flows }: FlowParts, text: string, request: Request) {
  const caller = callerOf(request);
  caller.check("read");
  if (!flows) throw new ViadutoError("flows_off");
  const flow = /^\d{1,16}$/.test(text) ? flows.get(Number(text)) : undefined;
  if (!flow) throw new ViadutoError("flow_unknown", { id: escapeControl(text) });
  caller.check("read", flow.facts.topic);
  return toFlowJson(flow, (topic) => caller.may("read", topic));
}

async function listFlows({ flows, stopping }: FlowParts, request: Request) {
  const caller = callerOf(request);
  caller.check("read");
  const query = readQuery(request, ["filter", "after", "limit", "wait"]);
  const filter = readFilter(query.text("filter"));
  const pattern = parseFilter(filter);
  const isReadable = createReadable(request, filter);
  const waitMs = readWait(query.text("wait"));
  const after = query.integer("after", 0, Number.MAX_SAFE_INTEGER);
  const limit = query.integer("limit", 1, FLOWS_LIMIT_MAX) ?? FLOWS_LIMIT;
  if (!flows) throw new ViadutoError("flows_off");
  const isShown = (topic: string) => {
    return (filter === "#" || matchPattern(pattern, topic) !== undefined) && isReadable(topic);
  };
  const find = () => flows.find({ after, limit, isShown });
  const page =
    waitMs === undefined ? find() : await waitFor(flows, find, waitMs, request, stopping);
  return {
    flows: page.flows.map((flow) => toFlowJson(flow, (topic) => caller.may("read", topic))),
    next: page.next,
    skipped: flows.skipped,
  };
}

async function waitFor(
  flows: Flows,
  find: () => FlowPage,
  waitMs: number,
  request: Request,
  stopping: AbortSignal,
): Promise<FlowPage> {
  const ends = AbortSignal.any([AbortSignal.timeout(waitMs), request.signal, stopping]);
  for (;;) {
    const page = find();
    if (page.flows.length > 0 || ends.aborted) return page;
    await flows.wait(ends);
    if (stopping.aborted) throw new ViadutoError("link_closed");
  }
}

function readWait(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return readDurationMs("wait", text, { maximumMs: WAIT_MS_MAX });
}
