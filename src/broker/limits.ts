// The broker's limits, as it is given them: whatever a client can make grow has one. Defaults and
// descriptions are in config/embedded-limit-options.ts.

export type BrokerLimits = {
  /** Largest packet, with its header, in both directions. */
  readonly packetBytesMax: number;
  readonly connectionsMax: number;
  /** From one address; this machine's own have no limit of their own. */
  readonly connectionsPerAddressMax: number;
  /** A client that leaves more bytes than this unread is disconnected. */
  readonly outputBytesMax: number;
  readonly connectTimeoutMs: number;
  readonly topicLevelsMax: number;
  readonly topicBytesMax: number;
  readonly subscriptionsPerClientMax: number;
  /** Messages sent to one client and not yet acknowledged by it. */
  readonly inflightMessagesMax: number;
  /** Receive Maximum: messages of one client that are not acknowledged yet. */
  readonly receiveMax: number;
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  readonly queueFull: "drop" | "disconnect";
  readonly retainedMessagesMax: number;
  readonly retainedBytesMax: number;
  readonly sessionsMax: number;
  readonly sessionHoursMax: number;
  readonly keepaliveSecondsMax: number;
  readonly topicAliasesMax: number;
  readonly clientMessagesPerSecondMax: number;
};
