// The broker as JSON: what it counts and keeps and how far its limits are used, or, with an
// external one, how the bridge stands with it. Pure; called by broker-route.ts.

import type { BrokerFigures } from "../broker/broker-figures.ts";
import { EMBEDDED_LIMIT_OPTIONS } from "../config/embedded-limit-options.ts";
import { toFlag } from "../config/options.ts";
import { VERSION } from "../lib/version.ts";
import type { LinkFacts } from "../link/link-facts.ts";
import type { ServerLimits } from "../link/server-limits.ts";
import { VERSION_NAMES } from "../link/state.ts";
import type { EmbeddedBrokerJson, ExternalBrokerJson } from "./broker-schemas.ts";
import { toIso } from "./message-json.ts";

type LimitName = keyof typeof EMBEDDED_LIMIT_OPTIONS;
export type BrokerLimitValues = Readonly<Record<LimitName, number | string>>;

/** Facts of the embedded broker beside its figures. */
export type EmbeddedFacts = {
  readonly kind: "embedded";
  readonly uptimeSeconds: number;
  readonly listeners: EmbeddedBrokerJson["listeners"];
  readonly figures: BrokerFigures;
  readonly limits: BrokerLimitValues;
  /** Undefined when $SYS is not published. */
  readonly perSecond: { readonly messagesIn: number; readonly messagesOut: number } | undefined;
};
export type ExternalFacts = LinkFacts & {
  readonly kind: "external";
  /** That of the settings, for when the link is closed. */
  readonly broker: string;
};
export type BrokerFacts = EmbeddedFacts | ExternalFacts;

/** Limits that hold for each client or connection. */
const PER_CLIENT: readonly LimitName[] = [
  "connectionOutputBytesMax",
  "topicLevelsMax",
  "topicBytesMax",
  "subscriptionsPerClientMax",
  "inflightMessagesMax",
  "receiveMax",
  "queueMessagesMax",
  "queueBytesMax",
  "sessionHoursMax",
  "keepaliveSecondsMax",
  "topicAliasesMax",
  "clientMessagesPerSecondMax",
];

export function toEmbeddedJson(facts: EmbeddedFacts): EmbeddedBrokerJson {
  const { figures, perSecond } = facts;
  const { statistics } = figures;
  return {
    kind: "embedded",
    version: VERSION,
    uptime_seconds: facts.uptimeSeconds,
    listeners: facts.listeners,
    connections: figures.sockets,
    sessions: { connected: figures.connectedClients, away: figures.awayClients },
    subscriptions: figures.subscriptions,
    shared_subscriptions: figures.sharedSubscriptions,
    retained: { messages: figures.retainedMessages, payload_bytes: figures.retainedBytes },
    queued: {
      messages: figures.queuedMessages,
      bytes: figures.queuedBytes,
      inflight: figures.inflightMessages,
    },
    messages: { in: statistics.publishesReceived, out: statistics.publishesSent },
    packets: { in: statistics.messagesReceived, out: statistics.messagesSent },
    bytes: { in: statistics.bytesReceived, out: statistics.bytesSent },
    ...(perSecond && {
      per_second: { messages_in: perSecond.messagesIn, messages_out: perSecond.messagesOut },
    }),
    dropped: { ...statistics.droppedByCause },
    refused: statistics.refusedCount,
    limits: toLimitsJson(facts),
  };
}

function toLimitsJson({ figures, limits }: EmbeddedFacts): EmbeddedBrokerJson["limits"] {
  const used = toUsed(figures);
  return (Object.keys(EMBEDDED_LIMIT_OPTIONS) as LimitName[]).map((name) => {
    const { unit, description = "" } = EMBEDDED_LIMIT_OPTIONS[name];
    const now = used[name];
    return {
      name: toFlag(name).replace(/^-+/, ""),
      value: limits[name],
      ...(typeof unit === "string" && { unit }),
      ...(now !== undefined && { used: now }),
      is_per_client: PER_CLIENT.includes(name),
      description,
    };
  });
}

function toUsed(figures: BrokerFigures): Partial<Record<LimitName, number>> {
  const { most } = figures;
  return {
    connectionsMax: figures.sockets,
    sessionsMax: figures.awayClients,
    retainedMessagesMax: figures.retainedMessages,
    retainedBytesMax: figures.retainedBytes,
    subscriptionsPerClientMax: most.subscriptions,
    inflightMessagesMax: most.inflightMessages,
    queueMessagesMax: most.queuedMessages,
    queueBytesMax: most.queuedBytes,
  };
}

/** `mayRead` judges the filters: they tell of topics. */
export function toExternalJson(
  { state, sinceMs, lastFailure, connections, limits, filters, broker }: ExternalFacts,
  mayRead: (filter: string) => boolean,
): ExternalBrokerJson {
  const isConnected = state.kind === "connected";
  return {
    kind: "external",
    version: VERSION,
    broker: state.kind === "closed" ? broker : state.broker,
    state: state.kind,
    since: toIso(sinceMs),
    connections,
    ...(isConnected && {
      mqtt_version: VERSION_NAMES[state.version],
      session_present: state.isSessionPresent,
    }),
    ...(state.kind === "waiting" && { retry_in_ms: Math.round(state.retryInMs) }),
    ...(isConnected && state.version === 5 && limits && { capabilities: toCapabilities(limits) }),
    filters: filters.filter(mayRead),
    refused_filters: isConnected ? state.refusedFilters.filter(mayRead) : [],
    ...(lastFailure && {
      last_error: {
        at: toIso(lastFailure.atMs),
        code: lastFailure.error.code,
        message: lastFailure.error.message,
        hint: lastFailure.error.hint,
      },
    }),
  };
}

function toCapabilities(limits: ServerLimits): NonNullable<ExternalBrokerJson["capabilities"]> {
  const { packetBytesMax } = limits;
  return {
    receive_maximum: limits.receiveMaximum,
    ...(Number.isFinite(packetBytesMax) && { packet_bytes_max: packetBytesMax }),
    qos_max: limits.qosMax,
    retain: limits.isRetainAvailable,
    shared_subscriptions: limits.isSharingAvailable,
    subscription_identifiers: limits.isIdentifyingAvailable,
  };
}
