// What the broker counts and keeps, as numbers: for sys-topics.ts, and for whoever asks the broker.

import type { Connection } from "./client-connection.ts";
import type { Session } from "./client-session.ts";
import type { Engine } from "./engine.ts";
import type { Statistics } from "./statistics.ts";

export type BrokerFigures = {
  readonly statistics: Statistics;
  /** Connections from outside, with those that have not said CONNECT. */
  readonly sockets: number;
  /** Sessions of clients that are connected, the bridge's own included. */
  readonly connectedClients: number;
  readonly awayClients: number;
  readonly subscriptions: number;
  readonly sharedSubscriptions: number;
  readonly retainedMessages: number;
  readonly retainedBytes: number;
  /** Messages of QoS 1 and 2 that no client has acknowledged, and those of them that are sent. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inflightMessages: number;
  /** The most that one session has now, whichever it is: what the limits of a client are for. */
  readonly most: MostOfOne;
};

export type MostOfOne = {
  readonly subscriptions: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inflightMessages: number;
};

const NOTHING: MostOfOne = {
  subscriptions: 0,
  queuedMessages: 0,
  queuedBytes: 0,
  inflightMessages: 0,
};

export type FiguresSource = Pick<Engine, "statistics" | "sessions" | "retained" | "router">;

/** The figures, now. */
export function readBrokerFigures(
  { statistics, sessions, retained, router }: FiguresSource,
  connections: ReadonlySet<Connection>,
): BrokerFigures {
  let [queuedMessages, queuedBytes, inflightMessages] = [0, 0, 0];
  let most: MostOfOne = NOTHING;
  for (const { outbound, subscriptions } of sessions) {
    most = toMost(most, outbound, subscriptions.size);
    queuedMessages += outbound.queue.size;
    queuedBytes += outbound.queue.bytes;
    inflightMessages += outbound.inflightCount;
  }
  return {
    statistics,
    sockets: connections.size,
    connectedClients: sessions.size - sessions.awayCount,
    awayClients: sessions.awayCount,
    subscriptions: router.subscriptionCount,
    sharedSubscriptions: router.sharedSubscriptionCount,
    retainedMessages: retained.size,
    retainedBytes: retained.bytes,
    queuedMessages,
    queuedBytes,
    inflightMessages,
    most,
  };
}

function toMost(
  most: MostOfOne,
  { queue, inflightCount }: Session["outbound"],
  subscriptions: number,
): MostOfOne {
  return {
    subscriptions: Math.max(most.subscriptions, subscriptions),
    queuedMessages: Math.max(most.queuedMessages, queue.size),
    queuedBytes: Math.max(most.queuedBytes, queue.bytes),
    inflightMessages: Math.max(most.inflightMessages, inflightCount),
  };
}
