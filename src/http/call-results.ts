// Calls whose answers are fetched later (RFC 7240, respond-async): they run, and then wait, in
// memory and bounded, for whoever asked. Made by routes.ts; it does not know what a call is.

import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { StoredAnswer } from "../store/idempotency.ts";

export type CallResultLimits = {
  /** Calls that run, and answers that are kept. */
  readonly resultsMax: number;
  /** Of all answers together. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
};

/** Whose call it is, and on which topic. */
export type CallOwner = { readonly caller: string | undefined; readonly topic: string };

type Call = CallOwner & {
  readonly outcome: StoredAnswer | ViadutoError | undefined;
  readonly finishedAtMs: number;
};
type Found = Pick<Call, "topic" | "outcome">;

export type CallResults = {
  /** Lets it run; its id cannot be guessed. Throws `results_full`. */
  readonly start: (owner: CallOwner, run: () => Promise<StoredAnswer>) => string;
  /** Undefined while it runs. Throws `result_unknown`, and what the call has failed with. */
  readonly get: (caller: string | undefined, id: string) => Found;
};

export function createCallResults(
  limits: CallResultLimits,
  now: () => number = Date.now,
): CallResults {
  const calls = new Map<string, Call>();
  let bytes = 0;

  function forget(id: string, call: Call): void {
    calls.delete(id);
    bytes -= toBytes(call);
  }
  /** Lets go what is too old, then the oldest answers, until there is room for so many more. */
  function makeRoom(room: number): void {
    const oldestMs = now() - limits.ageMsMax;
    for (const [id, call] of calls) {
      if (!call.outcome) continue;
      const isOver = calls.size + room > limits.resultsMax || bytes > limits.bytesMax;
      if (isOver || call.finishedAtMs < oldestMs) forget(id, call);
    }
  }
  function finish(id: string, owner: CallOwner, outcome: Call["outcome"]): void {
    const call = { ...owner, outcome, finishedAtMs: now() };
    bytes += toBytes(call);
    calls.delete(id);
    calls.set(id, call); // Behind all that were answered before.
    makeRoom(0);
  }
  return {
    start(owner, run) {
      makeRoom(1);
      const { size: waiting } = calls;
      if (waiting >= limits.resultsMax) throw new ViadutoError("results_full", { waiting });
      const id = crypto.randomUUID();
      calls.set(id, { ...owner, outcome: undefined, finishedAtMs: 0 });
      run().then(
        (answer) => finish(id, owner, answer),
        (error) => finish(id, owner, toViadutoError(error)),
      );
      return id;
    },
    get(caller, id) {
      makeRoom(0);
      const call = calls.get(id);
      if (!call || call.caller !== caller) throw new ViadutoError("result_unknown", { id });
      return call;
    },
  };
}

function toBytes({ outcome }: Call): number {
  return outcome && "body" in outcome ? outcome.body.length : 0;
}
