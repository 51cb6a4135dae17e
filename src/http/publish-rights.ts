// Whether who asks may send a message: to its topic, and to the one where it wants the reply. Else
// whoever answers would publish where the caller may not. Used by the routes that publish.

import type { Caller } from "./caller.ts";

/** Throws `scope_missing` and `topic_forbidden`. */
export function checkPublish(
  caller: Pick<Caller, "check">,
  topic: string,
  responseTopic: string | undefined,
): void {
  caller.check("publish", topic);
  if (responseTopic !== undefined) caller.check("publish", responseTopic);
}
