// Suites that need a program of this machine.

import { describe, test } from "bun:test";
import { findExecutable, isStrict } from "../../scripts/debian-parts.ts";

/**
 * `describe` for tests that need executables. When one is missing the suite is skipped under a
 * name that says so; with CI=true it fails instead, so that nothing is skipped unseen.
 */
export function describeIf(
  executables: string | readonly string[],
  name: string,
  body: () => void,
): void {
  const missing = [executables].flat().filter((executable) => !findExecutable(executable));
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = `${missing.join(", ")} missing`;
  if (!isStrict()) {
    describe.skip(`${name} (skipped: ${reason})`, body);
    return;
  }
  test(`${name} has what it needs`, () => {
    throw new Error(`${reason}, and with CI=true no suite may be skipped`);
  });
}
