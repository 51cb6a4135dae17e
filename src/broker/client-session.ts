// A session (MQTT 5 section 4.1): what the broker keeps for a client id, whether its client is
// there or not. Made and ended by sessions.ts.

import type { QoS } from "../topics/message.ts";
import { Outbound } from "./outbound.ts";
import type { OutboundOptions } from "./queued-messages.ts";

/** One subscription of a session (MQTT 5 section 3.8.3). */
export type Subscription = {
  /** As subscribed, `$share/<group>/` included. */
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: number;
  readonly identifier: number | undefined;
};

export class Session {
  readonly id: string;
  /** In the store; no two sessions ever have the same. */
  readonly key: number;
  readonly subscriptions = new Map<string, Subscription>();
  readonly outbound: Outbound;
  /** Identifiers of QoS 2 messages that came in and were not released [MQTT-4.3.3-10]. */
  readonly received = new Set<number>();
  /** Who logged in last: its rights count for what comes while it is away. */
  username: string | undefined;
  /** The bridge's own. */
  isOwn = false;
  /** How long it outlives its connection; 0 ends with it. */
  expirySeconds = 0;
  /** When it ends, in milliseconds since 1970; undefined while its client is there. */
  endsAtMs: number | undefined;
  /** Whether the store has it. */
  isStored = false;
  /** Whether its client may have messages of a topic; absent when it may have all. */
  mayRead: ((topic: string) => boolean) | undefined;

  constructor(id: string, key: number, options: OutboundOptions) {
    this.id = id;
    this.key = key;
    this.outbound = new Outbound(id, options);
  }

  /** Whether messages wait for its client when that is away. */
  get isKept(): boolean {
    return this.expirySeconds > 0;
  }
}
