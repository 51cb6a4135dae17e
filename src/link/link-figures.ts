// What is counted of the link's publishes, for /metrics. Counted by outbox.ts; link.ts shows it
// with what waits.

import type { ViadutoError } from "../lib/errors.ts";
import { Histogram } from "../lib/histogram.ts";

/** The link's figures, now. Counts are since it was opened. */
export type LinkFigures = {
  /** Messages that came, replies to requests aside. */
  readonly received: number;
  readonly publishing: PublishFigures;
  /** Messages not acknowledged yet, and the payload bytes of those that are not sent. */
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  /** Messages that came and are not done. */
  readonly inboxMessages: number;
  readonly requestsWaiting: number;
  /** Connections that were opened. */
  readonly connections: number;
};

type Source = {
  readonly received: number;
  readonly inbox: { readonly size: number };
  readonly outbox: {
    readonly size: number;
    readonly waitingBytes: number;
    readonly figures: PublishFigures;
  };
};

export function readFigures(
  { received, inbox, outbox }: Source,
  { waiting }: { readonly waiting: number },
  { connections }: { readonly connections: number },
): LinkFigures {
  return {
    received,
    publishing: outbox.figures,
    outboxMessages: outbox.size,
    outboxBytes: outbox.waitingBytes,
    inboxMessages: inbox.size,
    requestsWaiting: waiting,
    connections,
  };
}

export class PublishFigures {
  /** Messages that were given to the link to publish. */
  published = 0;
  /** Those that the broker has acknowledged; of QoS 0, those that were sent. */
  acknowledged = 0;
  readonly failedByCode = new Map<string, number>();
  /** Seconds from PUBLISH to its acknowledgement, of one message at a time. */
  readonly roundTrips = new Histogram();
  #sample: object | undefined;
  #sampledAtMs = 0;

  fail({ code }: ViadutoError): void {
    this.failedByCode.set(code, (this.failedByCode.get(code) ?? 0) + 1);
  }

  /** A message leaves. Only one at a time is timed: the others cost no look at the clock. */
  leave(entry: object): void {
    if (this.#sample) return;
    this.#sample = entry;
    this.#sampledAtMs = performance.now();
  }

  /** The broker has answered. */
  answer(entry: object): void {
    if (this.#sample !== entry) return;
    this.#sample = undefined;
    this.roundTrips.add((performance.now() - this.#sampledAtMs) / 1000);
  }

  /** Its connection is gone: how long the next one takes says nothing of a round trip. */
  forget(): void {
    this.#sample = undefined;
  }
}
