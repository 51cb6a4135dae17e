// How the bridge leaves its group before it stops, so that no message is given to one who goes.
// Called by dispatching.ts, when --leave-group says so. It waits for messages, but never handles
// one.

import type { Dispatcher } from "../handlers/dispatcher.ts";
import type { Link } from "../link/link.ts";
import { waitForQuiet } from "./quiet.ts";

/** When nothing came for so long, and no handler runs, the broker has nothing left for us. */
const QUIET_MS = 100;

/**
 * Leaves the group, then takes what the broker had queued for this bridge already: it would lie in
 * the session, where nobody else of the group gets it. Resolves when nothing came for 100 ms, or
 * twice the time that the broker takes to answer, and no handler runs; after `timeoutMs` at the
 * latest, and at once without a group.
 */
export async function leaveGroup(
  link: Link,
  dispatcher: Dispatcher,
  timeoutMs: number,
): Promise<void> {
  const startedAtMs = performance.now();
  const late = AbortSignal.timeout(timeoutMs);
  if (!(await link.leaveGroup(timeoutMs))) return;
  // Far away, the next message of a full window comes a round trip after its acknowledgement.
  const quietMs = Math.max(QUIET_MS, 2 * (performance.now() - startedAtMs));
  await waitForQuiet(link, dispatcher, quietMs, late);
}
