// When a bridge that stops has done all that still comes. Called by dispatching.ts and
// group-leaving.ts. It waits for messages, but never handles one.

import type { Dispatcher } from "../handlers/dispatcher.ts";
import { SYSTEM_CLOCK } from "../lib/clock.ts";
import type { Link } from "../link/link.ts";

/**
 * Resolves when nothing came for `quietMs` and no handler runs, or `late` is aborted. What waits
 * for its retry is not waited for: it is cut short by the stop.
 */
export async function waitForQuiet(
  link: Link,
  dispatcher: Dispatcher,
  quietMs: number,
  late: AbortSignal,
): Promise<void> {
  for (let received = -1; received !== link.received || dispatcher.isBusy; ) {
    received = link.received;
    await SYSTEM_CLOCK.wait(quietMs, late);
    if (late.aborted) return;
  }
}
