// Where the messages come from that this bridge published to topics of its own handlers. The broker
// sends them back, and on-the-way.ts recognises them, which serves three ends: handlers with
// `noLocal` are spared them, a handler that answers its own answers is found out by what a message
// has come through, and the flow of a message says who sent it.
//
// Replicas of a group do not know each other's publishes.

import type { FlowOrigin } from "../store/flow.ts";

/** All messages to own handlers that came of one message, directly or through others. */
export type Family = {
  size: number;
  /** A loop among them is a dead letter already: one is enough. */
  isTold: boolean;
};

/** Where a message comes from. */
export type Lineage = {
  /** Handlers of this bridge that it has passed. */
  readonly hops: number;
  readonly family: Family;
  /** For its flow; undefined when no flows are told. */
  readonly origin: FlowOrigin | undefined;
};

/** That of a message which no handler of ours has sent. */
export function createLineage(origin?: FlowOrigin): Lineage {
  return { hops: 0, family: { size: 0, isTold: false }, origin };
}
