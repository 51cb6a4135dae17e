// The topic in the path of a URL. Read from the URL as it came, since a level may have a slash
// written as %2F. Bun has resolved dot segments, also those written %2e%2e, before anyone sees it:
// they are the same resource (RFC 3986 section 6.2.2.3), and a topic with such a level goes by
// POST /publish.

import { ViadutoError } from "../lib/errors.ts";
import { checkTopic } from "../topics/pattern.ts";

const PREFIX = "/topics/";

/** The topic of /topics/<topic>. Throws `topic_invalid`. */
export function readTopic(request: Request): string {
  const path = new URL(request.url).pathname.slice(PREFIX.length);
  try {
    const topic = decodeURIComponent(path);
    checkTopic(topic);
    return topic;
  } catch (cause) {
    if (cause instanceof ViadutoError) throw cause;
    const reason = "its percent-encoding is broken";
    throw new ViadutoError("topic_invalid", { topic: path, reason }, { cause });
  }
}
