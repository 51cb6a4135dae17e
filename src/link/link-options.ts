// What a link is made of: where to connect, as whom, and its limits. Data only.

import type { TopicLimits } from "../lib/frame-texts.ts";
import type { Logger } from "../lib/log.ts";
import type { KnownFilters } from "../store/known-filters.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { Message } from "../topics/message.ts";
import type { PublishOwner } from "./outbox-entry.ts";
import type { MqttVersion } from "./state.ts";
import type { Target } from "./target.ts";

export type LinkOptions = {
  /** Tried in turn. */
  readonly targets: readonly [Target, ...Target[]];
  /** What to subscribe to, without the origin. Known before CONNECT, so that nothing is missed. */
  readonly subscriptions: readonly Subscription[];
  readonly origin: string;
  /** Shares the messages of `subscriptions` with the other bridges of this group; no `/`, +, #. */
  readonly group?: string | undefined;
  readonly clientId: string;
  /**
   * What the sessions of this client hold since earlier runs; those not wanted any more are taken
   * away. Nothing is known when absent.
   */
  readonly knownFilters?: KnownFilters | undefined;
  /** MQTT 5 user property `token` of every publish. */
  readonly token: string | undefined;
  readonly version: MqttVersion;
  /** How long the broker keeps the session while the bridge is away; 0: not at all. */
  readonly sessionExpirySeconds: number;
  readonly connectTimeoutMs: number;
  /** Largest payload that is published, bytes. */
  readonly payloadBytesMax: number;
  /** Largest packet that the broker may send, bytes (MQTT 5 section 3.1.2.11.4). */
  readonly packetBytesMax: number;
  readonly inboxMessagesMax: number;
  readonly outboxMessagesMax: number;
  readonly outboxBytesMax: number;
  readonly sendWindow: number;
  /** What the broker takes of topics, where that is known: the embedded one's limits. */
  readonly topicLimits?: TopicLimits | undefined;
  /** Most requests that wait for their reply; 10,000 when absent. */
  readonly requestsMax?: number;
  /**
   * Where the bridge says `online` and `offline`, retained, without the origin; nowhere when
   * absent.
   */
  readonly will?: { readonly topic: string };
  /** Is shown what a plain subscription of QoS 0 brings beside what the group shares. */
  readonly onPlain?: ((message: Message) => void) | undefined;
  /** How long closing waits for the broker to take the last publishes. */
  readonly flushTimeoutMs: number;
  readonly log: Logger;
};

export type LinkPublishOptions = {
  /** In place of the link's own. */
  readonly token?: string | undefined;
  /** Gives up after this time with `publish_timeout`, or at once with `outbox_full`. */
  readonly timeoutMs?: number | undefined;
  /**
   * The topic is not put below the origin: a reply goes where the one who asks says. The link's own
   * token, a secret of the origin, does not go there.
   */
  readonly isAbsolute?: boolean;
  /** For whom it is published: what has not left when that one has ended fails: `run_ended`. */
  readonly owner?: PublishOwner;
  /** What the topic was made of, for whoever watches. */
  readonly pattern?: string;
};
