// Which topics of an answer the caller may see. A caller who may read a whole filter sees all of
// it; one who may not sees, of lists, the topics that are allowed one by one.

import { callerOf } from "./caller.ts";

/** Throws what `check` throws when the caller may read nothing at all. */
export function createReadable(request: Request, filter: string): (topic: string) => boolean {
  const caller = callerOf(request);
  caller.check("read");
  const isAllowed = (topicOrFilter: string) => caller.may("read", topicOrFilter);
  return isAllowed(filter) ? () => true : isAllowed;
}
