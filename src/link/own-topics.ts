// The topics that belong to the bridge itself, below `viaduto/<client id>`, without the origin.
// Used by requests.ts and by app.ts, which names the topic of the status. Pure.

/** `viaduto/<client id>/<name>`: nobody else's as long as client ids are nobody else's. */
export function toOwnTopic(clientId: string, name: string): string {
  // A client id may hold what would be another level or a wildcard; % makes the way back exact.
  return `viaduto/${clientId.replace(/[/+#%]/g, encodeURIComponent)}/${name}`;
}

/** Where the bridge says that it is `online`, and the broker that it is `offline`. */
export function toStatusTopic(clientId: string): string {
  return toOwnTopic(clientId, "status");
}

/** Whether replies to requests of this client come there. They must never be held back. */
export function isReplyTopic(clientId: string, topic: string): boolean {
  return topic.startsWith(toOwnTopic(clientId, "replies/"));
}
