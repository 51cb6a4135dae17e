// A topic as the end of a path of the bridge, whatever signs it has. Pure.

/** Its slashes stay, as they are levels. */
export function toTopicPath(topic: string): string {
  return topic.split("/").map(encodeURIComponent).join("/");
}
