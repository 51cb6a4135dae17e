// Whether a reply is what the handlers' topics say that it is. Used by the calls over HTTP, where
// nobody has named a typed topic.

import { ViadutoError } from "../lib/errors.ts";
import type { Message } from "../topics/message.ts";
import { matchPattern } from "../topics/pattern.ts";
import { DEFAULT_SCHEMAS } from "../topics/payload-schema.ts";
import type { Topic } from "../topics/topic.ts";

/**
 * Throws `reply_invalid` when the reply is larger than a payload may be, or does not fit what a
 * handler's topic that this one matches is answered with. A topic without a reply takes anything.
 */
export function checkReply(
  topics: readonly Topic[],
  payloadBytesMax: number,
  topic: string,
  { payload, topic: from }: Message,
): void {
  if (payload.length > payloadBytesMax) {
    const reason = `it has ${payload.length} bytes, at most ${payloadBytesMax} are allowed`;
    throw new ViadutoError("reply_invalid", { topic: from, reason });
  }
  const typed = topics.find(({ pattern, reply, content }) => {
    return reply.schema !== DEFAULT_SCHEMAS[content] && matchPattern(pattern, topic);
  });
  try {
    typed?.reply.codec.decode(payload);
  } catch (cause) {
    if (!(cause instanceof ViadutoError)) throw cause;
    const reason = String(cause.facts.reason ?? cause.message);
    throw new ViadutoError("reply_invalid", { topic: from, reason }, { cause });
  }
}
