// What the broker counts. Plain numbers that whoever sees an event adds to; sys-topics.ts shows
// them. One object per broker, and nothing else.

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
  /** Connections that were accepted by a listener. */
  socketCount: number;
  /** CONNECTs that were accepted. */
  connectionCount: number;
  /** Connections, logins and packets that were refused. */
  refusedCount: number;
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
    socketCount: 0,
    connectionCount: 0,
    refusedCount: 0,
    expiredCount: 0,
    clientsMax: 0,
  };
}
