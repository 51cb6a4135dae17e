// What comes of retained messages while they are read from a broker: kept by topic, within limits,
// and acknowledged; what is live is passed over. Used by retained-scan.ts. No I/O of its own.

import type { Packet } from "mqtt-packet";
import type { MessageProperties } from "../topics/message.ts";
import type { RetainedMessage } from "../topics/retained-message.ts";
import type { Connection, IncomingPublish } from "./connection.ts";

export type ScanLimits = {
  readonly messagesMax: number;
  /** Of payloads. */
  readonly bytesMax: number;
};

type Limit = "messages" | "bytes" | "time";

export type RetainedCollector = {
  readonly messages: ReadonlyMap<string, RetainedMessage>;
  /** For a connection's `onPacket`. */
  readonly receive: (packet: Packet, connection: Connection) => void;
  /** Resolves when no retained message has come for a while. */
  waitForQuiet(): Promise<void>;
  /** No more is taken. */
  end(limit: Limit): void;
  /** The limit that was reached first, if any. */
  readonly endedBy: Limit | undefined;
  /** Resolves when a limit was reached. */
  readonly ended: Promise<void>;
};

/** Brokers send retained messages in one go, or in batches with short pauses. */
const QUIET_MS = 400;

export function createCollector({ messagesMax, bytesMax }: ScanLimits): RetainedCollector {
  const messages = new Map<string, RetainedMessage>();
  const ended = Promise.withResolvers<void>();
  let endedBy: Limit | undefined;
  let bytes = 0;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  function end(limit: Limit): void {
    endedBy ??= limit;
    clearTimeout(quiet);
    ended.resolve();
  }

  function keep(packet: IncomingPublish): void {
    const { topic, payload, qos } = packet;
    const known = messages.get(topic);
    // Whoever was told the real QoS knows better than who asks for QoS 0 again.
    if (known && known.qos > qos && known.payload.equals(payload)) return;
    const more = payload.length - (known?.payload.length ?? 0);
    if (!known && messages.size >= messagesMax) return end("messages");
    if (bytes + more > bytesMax) return end("bytes");
    bytes += more;
    const properties = packet.properties as MessageProperties | undefined;
    messages.set(topic, { topic, payload: Buffer.from(payload), qos, properties }); // No chunk.
  }

  return {
    messages,
    receive(packet, connection) {
      if (packet.cmd !== "publish" || endedBy) return;
      const message = packet as IncomingPublish;
      const { qos, messageId = 0, retain, payload } = message;
      if (qos > 0) connection.acknowledge(qos === 1 ? "puback" : "pubrec", messageId);
      if (!retain || payload.length === 0) return;
      quiet?.refresh();
      keep(message);
    },
    async waitForQuiet() {
      const { promise, resolve } = Promise.withResolvers<void>();
      quiet = setTimeout(resolve, QUIET_MS);
      await promise;
      quiet = undefined;
    },
    end,
    get endedBy() {
      return endedBy;
    },
    ended: ended.promise,
  };
}
