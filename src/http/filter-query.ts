// The MQTT filter in a query.

import { toReason } from "../lib/errors.ts";
import { parseFilter } from "../topics/pattern.ts";
import { toQueryInvalid } from "./query.ts";

/** The filter, or `#`, which is all. Throws `query_invalid`. */
export function readFilter(text: string | undefined): string {
  if (text === undefined) return "#";
  try {
    return parseFilter(text).filter;
  } catch (error) {
    throw toQueryInvalid("filter", toReason(error));
  }
}
