// From settings to what the link and the embedded broker are opened with. Creates nothing.

import type { Broker, BrokerOptions } from "../broker/broker.ts";
import type { Publication } from "../broker/publication.ts";
import { readPemFiles } from "../config/pem-file.ts";
import type { Settings } from "../config/read.ts";
import type { Logger } from "../lib/log.ts";
import type { LinkOptions } from "../link/link-options.ts";
import { addOrigin, isBelow, removeOrigin } from "../link/origin.ts";
import { toStatusTopic } from "../link/own-topics.ts";
import { createTarget, type Target } from "../link/target.ts";
import { IN_MEMORY } from "../store/database-file.ts";
import type { Observation } from "../store/observation.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { MessageProperties, OutgoingMessage } from "../topics/message.ts";

/** Room in an MQTT packet for what stands beside the payload: topic and properties. */
const PACKET_EXTRA_BYTES = 65_536;
const MS_PER_SECOND = 1_000;
/** How long a stopping bridge waits for the broker to take the last publishes. */
const FLUSH_TIMEOUT_MS = 2_000;
/** How long a broker keeps the session while the bridge is away. */
export const SESSION_EXPIRY_SECONDS = 24 * 3_600;

export function toPacketBytesMax({ payloadBytesMax }: Settings): number {
  return payloadBytesMax + PACKET_EXTRA_BYTES;
}

/** What the embedded broker works with, besides settings. */
export type BrokerParts = Pick<BrokerOptions, "store" | "access" | "room"> & {
  readonly observation: Observation;
  readonly log: Logger;
  /** Called for what a client has published, or a will; not for what the bridge has. */
  readonly noteClient: (message: OutgoingMessage, clientId: string | undefined) => void;
};

export function toBrokerOptions(settings: Settings, parts: BrokerParts): BrokerOptions {
  const { origin } = settings;
  const { observation, log, noteClient, ...others } = parts;
  return {
    ...others,
    host: settings.host,
    mqttPort: settings.mqttPort,
    wsPort: settings.wsPort,
    tlsPort: settings.tlsPort,
    wssPort: settings.wssPort,
    tls: toTlsFiles(settings),
    sysIntervalSeconds: settings.sysIntervalSeconds,
    ownClientId: settings.clientId,
    ...(settings.will === "on" && {
      ownStatusTopic: addOrigin(origin, toStatusTopic(settings.clientId)),
    }),
    isDenialTold: settings.denials === "told",
    limits: {
      ...settings,
      packetBytesMax: toPacketBytesMax(settings),
      outputBytesMax: settings.connectionOutputBytesMax,
    },
    log,
    onPublish(publication) {
      const { topic: whole, payload, qos, retain, publisherId } = publication;
      if (!isBelow(origin, whole)) return;
      const topic = removeOrigin(origin, whole);
      if (publisherId !== settings.clientId) {
        noteClient({ topic, payload, qos, retain }, publisherId);
      }
      const properties = toObservedProperties(publication);
      observation.note(topic, { payload, qos, retain, ...(properties && { properties }) });
    },
  };
}

// The broker keeps when a message expires, and not the interval that came: that is the same now.
function toObservedProperties({
  properties,
  expiresAtMs,
}: Pick<Publication, "properties" | "expiresAtMs">): MessageProperties | undefined {
  if (expiresAtMs === Number.POSITIVE_INFINITY) return properties;
  const seconds = Math.ceil((expiresAtMs - Date.now()) / MS_PER_SECOND);
  return { ...properties, messageExpiryInterval: Math.max(0, seconds) };
}

function toTlsFiles({ tlsCert: cert, tlsKey: key, tlsCa: ca }: Settings): BrokerOptions["tls"] {
  return cert === undefined || key === undefined ? undefined : { cert, key, ca };
}

/** Whether what the bridge has not handled when it ends comes again at the next start. */
export function isSessionKept({ brokers, data }: Settings): boolean {
  return brokers.length > 0 || data !== IN_MEMORY;
}

/** Where the link connects to: the embedded broker, or those of the settings in turn. */
export function toTargets(settings: Settings, broker: Broker | undefined): [Target, ...Target[]] {
  if (broker) return [{ label: "the embedded broker", open: () => broker.connect() }];
  const tls = { ...readPemFiles(settings), insecure: settings.insecure };
  return settings.brokers.map((address) => createTarget(address, tls)) as [Target, ...Target[]];
}

export function toLinkOptions(
  settings: Settings,
  targets: readonly [Target, ...Target[]],
  subscriptions: readonly Subscription[],
  log: Logger,
): LinkOptions {
  return {
    targets,
    subscriptions,
    origin: settings.origin,
    clientId: settings.clientId,
    token: settings.token,
    version: settings.mqttVersion,
    group: settings.group,
    ...(settings.will === "on" && { will: { topic: toStatusTopic(settings.clientId) } }),
    sessionExpirySeconds: isSessionKept(settings) ? SESSION_EXPIRY_SECONDS : 0,
    connectTimeoutMs: settings.connectTimeoutMs,
    payloadBytesMax: settings.payloadBytesMax,
    packetBytesMax: toPacketBytesMax(settings),
    inboxMessagesMax: settings.inboxMessagesMax,
    outboxMessagesMax: settings.outboxMessagesMax,
    outboxBytesMax: settings.outboxBytesMax,
    sendWindow: settings.sendWindow,
    // Others keep theirs to themselves.
    ...(settings.brokers.length === 0 && { topicLimits: settings }),
    requestsMax: settings.requestsMax,
    flushTimeoutMs: FLUSH_TIMEOUT_MS,
    log,
  };
}
