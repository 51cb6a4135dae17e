// The failure of a handler that answers its own answers. It knows of which family of messages the
// loop is, since one dead letter tells of all.

import { type Facts, ViadutoError } from "../lib/errors.ts";
import type { Family } from "./lineage.ts";

export class LoopError extends ViadutoError {
  readonly family: Family;

  constructor(facts: Facts, family: Family) {
    super("handler_loop", facts);
    this.family = family;
  }
}

/** True for a loop of a family of which a dead letter tells already; the first one is it. */
export function isToldLoop(error: ViadutoError): boolean {
  if (!(error instanceof LoopError)) return false;
  const { isTold } = error.family;
  error.family.isTold = true;
  return isTold;
}
