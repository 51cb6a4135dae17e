// Retained messages as HTTP asks for them: of the embedded broker from its own store, of an
// external one over a connection that is opened for it. Topics are without the origin. It changes
// nothing.

import type { RetainedView } from "../broker/retained-view.ts";
import type { Settings } from "../config/read.ts";
import type { Completeness, FoundRetained, RetainedSource } from "../http/retained-source.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Link } from "../link/link.ts";
import { addOrigin, removeOrigin } from "../link/origin.ts";
import { toStatusTopic } from "../link/own-topics.ts";
import { type Scan, scanRetained } from "../link/retained-scan.ts";
import type { RetainedMessage } from "../topics/retained-message.ts";
import type { Bridge } from "./bridge.ts";
import { toPacketBytesMax, toTargets } from "./link-settings.ts";

type SourceParts = Pick<Bridge, "link" | "broker">;

/** Connections that read at the same time. */
const READS_MAX = 4;

const REASONS = {
  quiet: "the broker does not say which message is the last; no more came for a while",
  messages: "there are more than --retained-read-messages-max",
  bytes: "they have more bytes than --retained-read-bytes-max",
  time: "they took longer than --retained-read-timeout",
} as const satisfies Record<Scan["end"], string>;

export function createRetainedSource(
  { link, broker }: SourceParts,
  settings: Settings,
): RetainedSource {
  const ownStatusTopic = settings.will === "on" ? toStatusTopic(settings.clientId) : undefined;
  const own = { ownStatusTopic };
  if (broker) return { ...own, ...createEmbeddedSource(broker.retained, settings.origin) };
  return { ...own, ...createExternalSource(link, settings) };
}

type Source = Omit<RetainedSource, "ownStatusTopic">;

function createEmbeddedSource(retained: RetainedView, origin: string): Source {
  const get = (topic: string) => {
    const message = retained.get(addOrigin(origin, topic));
    return message && { ...message, topic };
  };
  return {
    async find(filter) {
      const topics = retained.find(addOrigin(origin, filter)).map((topic) => {
        return removeOrigin(origin, topic);
      });
      return { topics: topics.sort(), get, completeness: "complete" };
    },
    findTaken: async (topics) => new Set(topics.filter((topic) => get(topic) !== undefined)),
  };
}

function createExternalSource(link: Link, settings: Settings): Source {
  const { origin } = settings;
  const scan = createScan(link, settings);
  return {
    async find(filter) {
      const { messages, end } = await scan([addOrigin(origin, filter)]);
      return toFound(messages, end, origin);
    },
    async findTaken(topics) {
      if (topics.length === 0) return new Set();
      const { messages, end } = await scan(topics.map((topic) => addOrigin(origin, topic)));
      // To take what was not read for free could put an old message over a newer one.
      if (end !== "quiet") throw new ViadutoError("retained_unreadable", { reason: REASONS[end] });
      return new Set([...messages.keys()].map((topic) => removeOrigin(origin, topic)));
    },
  };
}

function toFound(messages: Scan["messages"], end: Scan["end"], origin: string): FoundRetained {
  const own = new Map<string, RetainedMessage>();
  for (const message of messages.values()) {
    const topic = removeOrigin(origin, message.topic);
    own.set(topic, { ...message, topic });
  }
  const completeness: Completeness = end === "quiet" ? "likely" : "cut";
  const topics = [...own.keys()].sort();
  return { topics, get: (topic) => own.get(topic), completeness, reason: REASONS[end] };
}

/** Reads from the broker that the link is connected to, in the same version of MQTT. */
function createScan(link: Link, settings: Settings) {
  const targets = toTargets(settings, undefined);
  const limits = {
    messagesMax: settings.retainedReadMessagesMax,
    bytesMax: settings.retainedReadBytesMax,
    timeoutMs: settings.retainedReadTimeoutMs,
    packetBytesMax: toPacketBytesMax(settings),
  };
  let reads = 0;
  return async (filters: readonly string[]): Promise<Scan> => {
    const { state } = link;
    if (state.kind !== "connected") {
      const reason = "the bridge is not connected to the broker";
      throw new ViadutoError("retained_unreadable", { reason });
    }
    if (reads >= READS_MAX) throw new ViadutoError("retained_busy", { readsMax: READS_MAX });
    const target = targets.find(({ label }) => label === state.broker) ?? targets[0];
    reads += 1;
    try {
      return await scanRetained(filters, { ...limits, target, version: state.version });
    } catch (thrown) {
      if (thrown instanceof ViadutoError && thrown.code === "subscribe_refused") throw thrown;
      const facts = { reason: toReason(thrown) };
      throw new ViadutoError("retained_unreadable", facts, { cause: thrown });
    } finally {
      reads -= 1;
    }
  };
}
