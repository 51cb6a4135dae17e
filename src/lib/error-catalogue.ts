// The one catalogue of errors: code → what happened, what to do now, and its number at every edge.
// Read by errors.ts alone; a `{name}` in a text is replaced by the fact of that name.

import { BROKER_ERRORS } from "./broker-errors.ts";
import { CALL_ERRORS } from "./call-errors.ts";
import { DOOR_ERRORS } from "./door-errors.ts";
import type { ErrorKind } from "./error-kind.ts";
import { FLOW_ERRORS } from "./flow-errors.ts";
import { HTTP_ERRORS } from "./http-errors.ts";
import { MESSAGE_ERRORS } from "./message-errors.ts";
import { RETAINED_ERRORS } from "./retained-errors.ts";
import { STREAM_ERRORS } from "./stream-errors.ts";
import { USAGE_ERRORS } from "./usage-errors.ts";
import { VALUE_ERRORS } from "./value-errors.ts";

export const ERRORS = {
  ...USAGE_ERRORS,
  ...BROKER_ERRORS,
  ...MESSAGE_ERRORS,
  ...HTTP_ERRORS,
  ...DOOR_ERRORS,
  ...CALL_ERRORS,
  ...VALUE_ERRORS,
  ...STREAM_ERRORS,
  ...RETAINED_ERRORS,
  ...FLOW_ERRORS,
} as const satisfies Record<string, ErrorKind>;
