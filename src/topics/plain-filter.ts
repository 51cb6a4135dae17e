// Filters that whoever looks on may subscribe to. Used where filters and topics come from outside:
// what is watched, and where replies are expected. Pure.

import { ViadutoError } from "../lib/errors.ts";

/** Shared (section 4.8.2, and EMQX's older name), and EMQX's for one subscriber alone. */
const TAKING = /^\$(share|queue|exclusive)\//;

/**
 * Throws `filter_invalid` for a filter that takes messages away from others: who looks on would get
 * a worker's share of them, and the worker would never know.
 */
export function checkPlainFilter(filter: string): void {
  const [prefix] = TAKING.exec(filter) ?? [];
  if (prefix === undefined) return;
  const reason = `${prefix}… takes messages away from others; name the topics alone`;
  throw new ViadutoError("filter_invalid", { filter, reason });
}
