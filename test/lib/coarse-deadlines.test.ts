// CoarseDeadlines that share their timers.

import { expect, test } from "bun:test";
import { CoarseDeadlines } from "../../src/lib/coarse-deadlines.ts";

/** What a deadline of so many milliseconds has waited when it expires. */
function waitFor(deadlines: CoarseDeadlines, ms: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const startedAtMs = performance.now();
  deadlines.set(ms, () => resolve(performance.now() - startedAtMs));
  return promise;
}

test("none expires before its time, whatever else waits", async () => {
  const deadlines = new CoarseDeadlines();
  const times = [120, 1, 60, 0, 59, 1];
  const waited = await Promise.all(times.map((ms) => waitFor(deadlines, ms)));
  // A timer counts whole milliseconds.
  expect(waited.filter((ms, at) => ms < (times[at] ?? 0) - 1)).toEqual([]);
});

test("one that is cleared never expires, and takes no other with it", async () => {
  const deadlines = new CoarseDeadlines();
  const expired: string[] = [];
  const cleared = deadlines.set(10, () => expired.push("cleared"));
  const other = waitFor(deadlines, 10).then(() => expired.push("other"));
  cleared.clear();
  cleared.clear();
  await Promise.all([other, waitFor(deadlines, 120)]);
  expect(expired).toEqual(["other"]);
});

test("one that is set when another expires waits its own time", async () => {
  const deadlines = new CoarseDeadlines();
  const { promise, resolve } = Promise.withResolvers<number>();
  deadlines.set(1, () => void waitFor(deadlines, 30).then(resolve));
  expect(await promise).toBeGreaterThanOrEqual(29);
});
