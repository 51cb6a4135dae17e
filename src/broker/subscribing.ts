// SUBSCRIBE and UNSUBSCRIBE of a client (MQTT 5 sections 3.8 to 3.11). Called by receiving.ts.

import type { ISubscribePacket, ISubscription, IUnsubscribePacket } from "mqtt-packet";
import type { BrokerStore } from "../store/broker-store.ts";
import { answerWhenStored, REASON, write } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import type { Session, Subscription } from "./client-session.ts";
import type { Router } from "./router.ts";
import { splitShared } from "./subscription-tree.ts";

export type SubscribingParts = {
  readonly router: Router;
  readonly store: BrokerStore;
  readonly limits: { readonly subscriptionsPerClientMax: number };
  /** Whether a client is told that it may not, or only that it did not work. */
  readonly isDenialTold: boolean;
  readonly onSubscribe: (connection: Connection, filters: readonly string[]) => void;
  /** Called when a client may not subscribe what it wanted to. */
  readonly onDenied: (connection: Connection, filter: string) => void;
  /** Called when a client has as many filters as it may have. */
  readonly onFiltersFull: (connection: Connection, filter: string) => void;
};

const REASONS: Readonly<Record<number, string>> = {
  [REASON.notAuthorized]: "this login may not read it",
  [REASON.topicFilterInvalid]: "a shared subscription is $share/<group>/<filter>",
  [REASON.quotaExceeded]: "this client has too many subscriptions",
};

/** Of a SUBACK, all but its codes and the letters of its reason. */
const SUBACK_BYTES_MAX = 16;

/** Retain Handling (section 3.8.3.1): which retained messages a SUBSCRIBE asks for. */
const IF_NEW = 1;
const NEVER = 2;

export function receiveSubscribe(
  parts: SubscribingParts,
  connection: Connection,
  packet: ISubscribePacket,
): void {
  const { session } = connection;
  if (!session) return;
  const { changeCount } = parts.store;
  const identifier = packet.properties?.subscriptionIdentifier;
  /** By filter: what stands twice in a packet is sent once. */
  const retained = new Map<string, Subscription>();
  // [MQTT-3.8.4-5] each filter as if it had come alone: one code for each, doubles included.
  const codes = packet.subscriptions.map((wanted) => {
    const refusal = findRefusal(parts, connection, session, wanted.topic);
    if (refusal !== undefined) return toCode(parts, connection, refusal);
    const subscription = toSubscription(wanted, identifier);
    const isNew = parts.router.subscribe(session, subscription);
    if (session.isStored) parts.store.putSubscription(session.key, subscription);
    const { retainHandling } = subscription;
    if (retainHandling !== NEVER && (isNew || retainHandling !== IF_NEW)) {
      retained.set(subscription.filter, subscription);
    }
    return subscription.qos;
  });
  parts.onSubscribe(
    connection,
    packet.subscriptions.map(({ topic }) => topic),
  );
  answerWhenStored(parts.store, connection, changeCount, () => {
    const reason = findReason(parts, connection, codes);
    const { messageId = 0 } = packet;
    write(connection, {
      cmd: "suback",
      messageId,
      granted: codes,
      ...(reason !== undefined && { properties: { reasonString: reason } }),
    });
    for (const subscription of retained.values()) parts.router.sendRetained(session, subscription);
  });
}

/** Why some filter was refused, for people; only for clients that want it [MQTT-3.1.2-29]. */
function findReason(
  { isDenialTold }: SubscribingParts,
  { client, facts }: Connection,
  codes: readonly number[],
): string | undefined {
  if (!isDenialTold || !client._requestProblemInformation) return undefined;
  const reason = codes.map((code) => REASONS[code]).find((words) => words !== undefined);
  // [MQTT-3.9.2-2] it must not make the packet too large for the client.
  const bytes = SUBACK_BYTES_MAX + codes.length + (reason?.length ?? 0);
  return bytes > (facts?.packetBytesMax ?? 0) ? undefined : reason;
}

export function receiveUnsubscribe(
  parts: SubscribingParts,
  connection: Connection,
  packet: IUnsubscribePacket,
): void {
  const { session } = connection;
  if (!session) return;
  const { changeCount } = parts.store;
  const codes = packet.unsubscriptions.map((filter) => {
    if (!parts.router.unsubscribe(session, filter)) return REASON.noSubscriptionExisted;
    if (session.isStored) parts.store.deleteSubscription(session.key, filter);
    return REASON.success;
  });
  const { messageId = 0 } = packet;
  answerWhenStored(parts.store, connection, changeCount, () => {
    write(connection, { cmd: "unsuback", messageId, granted: codes });
  });
}

/** The reason code for which a filter is refused; undefined when it is granted. */
function findRefusal(
  { limits, onDenied, onFiltersFull }: SubscribingParts,
  connection: Connection,
  session: Session,
  topicFilter: string,
): number | undefined {
  const { group, filter } = splitShared(topicFilter);
  // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
  const isMisshapen = topicFilter.startsWith("$share/") && (!group || /[+#]/.test(group));
  if (isMisshapen) return REASON.topicFilterInvalid;
  if (connection.permissions?.maySubscribe(filter) === false) {
    onDenied(connection, topicFilter);
    return REASON.notAuthorized;
  }
  const isKnown = session.subscriptions.has(topicFilter);
  const isFull = session.subscriptions.size >= limits.subscriptionsPerClientMax;
  if (!isFull || isKnown || connection.isOwn) return undefined;
  onFiltersFull(connection, topicFilter);
  return REASON.quotaExceeded;
}

// MQTT 3.1.1 has one code for all that is refused (section 3.9.3).
function toCode(
  { isDenialTold }: SubscribingParts,
  { isMqtt5 }: Connection,
  reasonCode: number,
): number {
  const isHidden = reasonCode === REASON.notAuthorized && !isDenialTold;
  return isMqtt5 && !isHidden ? reasonCode : REASON.unspecifiedError;
}

function toSubscription(wanted: ISubscription, identifier: number | undefined): Subscription {
  return {
    filter: wanted.topic,
    qos: wanted.qos,
    noLocal: wanted.nl === true,
    retainAsPublished: wanted.rap === true,
    retainHandling: wanted.rh ?? 0,
    identifier,
  };
}
