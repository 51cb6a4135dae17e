// How deep JSON is nested. What is too deep to be written again would overflow the stack of
// whatever walks through it; Bun's own reader takes any depth. Called by routes.ts, of each body.

import { ViadutoError } from "../lib/errors.ts";

/** Throws `json_too_deep`. It walks level by level, so that no depth is too much for it. */
export function checkJsonDepth(value: unknown, depthMax: number): void {
  let level = [value].filter(isNested);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) throw new ViadutoError("json_too_deep", { depthMax });
    level = level.flatMap((nested) => Object.values(nested)).filter(isNested);
  }
}

// What JSON.parse makes, and no bytes, file or form.
function isNested(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
