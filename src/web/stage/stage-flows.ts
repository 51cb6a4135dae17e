// Follows GET /flows for the stage: each request waits for what has not been told yet. Started by
// stage.ts. A hidden page asks for nothing.

import type { Api } from "../live/api.ts";
import { pause } from "../live/pause.ts";
import { ProblemError } from "../live/problem-error.ts";
import type { FlowsAnswer } from "./flow-told.ts";

export type FlowsFollowing = {
  readonly api: Pick<Api, "ask">;
  readonly isVisible: () => boolean;
  /** Called when the bridge has told some: it does tell them. Tried again when it rejects. */
  readonly started: () => Promise<void>;
  readonly take: (answer: FlowsAnswer) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
};

const LIMIT = 200;
const WAIT = "20s";
/** So that a flood of flows is no flood of requests. */
const PAUSE_MS = 150;
const RETRY_MS = 3_000;
const HIDDEN_MS = 1_000;
const TOO_MANY_REQUESTS = 429;

/** Resolves when the signal says so, or when the bridge tells no flows. */
export async function followFlows(following: FlowsFollowing): Promise<void> {
  const { api, isVisible, started, take, signal } = following;
  let after: number | undefined;
  while (!signal.aborted) {
    if (!isVisible()) {
      after = undefined; // What happened meanwhile is past.
      await pause(HIDDEN_MS, signal);
      continue;
    }
    try {
      const query = after === undefined ? "limit=1" : `after=${after}&limit=${LIMIT}&wait=${WAIT}`;
      const answer = await api.ask<FlowsAnswer>(`flows?${query}`, { signal });
      if (after === undefined) await started();
      else take(answer);
      // A full answer: there is more than can be shown, and what is old is not waited for.
      after = answer.flows.length === LIMIT ? undefined : answer.next;
      await pause(PAUSE_MS, signal);
    } catch (error) {
      if (signal.aborted || isFinal(error)) return;
      await pause(RETRY_MS, signal);
    }
  }
}

// Flows are switched off, or not for whoever asks.
function isFinal(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.status >= 400 && error.status < 500 && error.status !== TOO_MANY_REQUESTS;
}
