// The topic that stands in a URL, behind a prefix such as /topics/. Pure.

import { ViadutoError } from "../lib/errors.ts";
import { checkTopic } from "../topics/pattern.ts";
import { restOfPath } from "./route-schemas.ts";

/** The rest of the path, as the documents show it. */
export const TOPIC_PATH = restOfPath("topic", "the topic, with its slashes", "rooms/attic");

/** What stands behind the prefix, decoded. Throws `topic_invalid`. */
export function decodePath({ url }: Request, prefix: string): string {
  const path = new URL(url).pathname.slice(prefix.length);
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    const reason = "its percent-encoding is broken";
    throw new ViadutoError("topic_invalid", { topic: path, reason }, { cause });
  }
}

/**
 * The topic. Bun has resolved dot segments, also those written %2e%2e, before anyone sees the URL:
 * they are the same resource (RFC 3986 section 6.2.2.3). A topic with such a level goes by POST
 * /publish. Throws `topic_invalid`.
 */
export function readTopicPath(request: Request, prefix: string): string {
  const topic = decodePath(request, prefix);
  checkTopic(topic);
  return topic;
}
