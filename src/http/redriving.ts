// Handles many dead letters again. Used by the dead letters' route; how one is handled is not known
// here.

import { ViadutoError } from "../lib/errors.ts";

/** Resolves when the letter's handler has done it, and the letter is gone; else rejects. */
export type Redrive = (id: number) => Promise<void>;

export type RedriveResult = {
  readonly handled: number;
  readonly failed: number;
};

/**
 * One letter after the other, in this order, until the signal. One that fails does not keep the
 * next; one that is gone meanwhile does not count. Rejects with `link_closed`.
 */
export async function redriveEach(
  redrive: Redrive,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<RedriveResult> {
  let [handled, failed] = [0, 0];
  for (const id of ids) {
    if (signal.aborted) break;
    try {
      await redrive(id);
      handled += 1;
    } catch (error) {
      const code = error instanceof ViadutoError ? error.code : undefined;
      if (code === "link_closed") throw error;
      if (code !== "dead_letter_unknown") failed += 1; // The log tells why.
    }
  }
  return { handled, failed };
}
