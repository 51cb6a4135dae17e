// "Did you mean …?": the valid name closest to what was typed. For flags, file keys and commands.

import { closest } from "fastest-levenshtein";

/**
 * The name that the fewest changes make of `given`; a single letter means the names that begin
 * with it, because every short name is near to a letter.
 */
export function findNearest(given: string, names: readonly string[]): string {
  const beginning = given.length === 1 ? names.filter((name) => name.startsWith(given)) : [];
  return closest(given, beginning.length > 0 ? beginning : names);
}
