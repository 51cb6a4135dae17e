// What the broker counts. Plain numbers that whoever sees an event adds to; sys-topics.ts shows
// them. One object per broker, and nothing else.

/** Why a message did not get to someone. */
export const DROP_CAUSES = [
  /** The sender may not write to the topic. */
  "denied",
  /** The reader takes no packet that large. */
  "too_large",
  /** QoS 0, and the reader is slow. */
  "slow_reader",
  /** The queue of the reader is full. */
  "queue_full",
  /** It is passed on, and there is no room to keep it. */
  "retained_full",
] as const;
export type DropCause = (typeof DROP_CAUSES)[number];

export type Statistics = {
  messagesReceived: number;
  messagesSent: number;
  bytesReceived: number;
  bytesSent: number;
  publishesReceived: number;
  publishesSent: number;
  payloadBytesReceived: number;
  payloadBytesSent: number;
  /** Messages that a limit, a right or a slow client kept from someone. */
  droppedCount: number;
  readonly droppedByCause: Record<DropCause, number>;
  /** Connections that were accepted by a listener. */
  socketCount: number;
  /** CONNECTs that were accepted. */
  connectionCount: number;
  /** Connections, logins and packets that were refused. */
  refusedCount: number;
  /** Logins that were refused, which are among those. */
  refusedLoginCount: number;
  /** Sessions that ended because their time was up. */
  expiredCount: number;
  /** Most clients at once. */
  clientsMax: number;
};

export function createStatistics(): Statistics {
  return {
    messagesReceived: 0,
    messagesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    publishesReceived: 0,
    publishesSent: 0,
    payloadBytesReceived: 0,
    payloadBytesSent: 0,
    droppedCount: 0,
    droppedByCause: { denied: 0, too_large: 0, slow_reader: 0, queue_full: 0, retained_full: 0 },
    socketCount: 0,
    connectionCount: 0,
    refusedCount: 0,
    refusedLoginCount: 0,
    expiredCount: 0,
    clientsMax: 0,
  };
}

/** A message that did not get to someone. */
export function countDrop(statistics: Statistics, cause: DropCause): void {
  statistics.droppedCount += 1;
  statistics.droppedByCause[cause] += 1;
}
