// A publisher of QoS 1 messages with a window, which knows which of them were acknowledged. Used by
// the parts "replay" and "kill" of the broker's benchmark, and by tests.

import { openConnection } from "./connection.ts";
import { encodePublish, FAILURE_MIN, PUBACK, readTwo } from "./mqtt-bytes.ts";

export type Outgoing = {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained?: boolean;
};

export type PublishOutcome = {
  /** How many were sent, from the first on. */
  readonly sentCount: number;
  /** Places, in the list of messages, of those that were acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
};

export type WindowPublisherOptions = {
  readonly port: number;
  readonly messages: readonly Outgoing[];
  readonly window: number;
  /** Called after every acknowledgement. */
  readonly onAcknowledged?: (count: number) => void;
};

/** Below this, identifiers are used in turn. */
const IDENTIFIER_MAX = 60_000;

/** Resolves when all are acknowledged, or the connection is gone. Throws when one is refused. */
export async function publishAll(options: WindowPublisherOptions): Promise<PublishOutcome> {
  const { port, messages, onAcknowledged } = options;
  const acknowledged = new Set<number>();
  const places = new Map<number, number>();
  const finished = Promise.withResolvers<void>();
  let sentCount = 0;
  let sendMore: (() => void) | undefined; // From CONNACK on.

  const connection = await openConnection({
    port,
    clientId: "window-publisher",
    onPacket(first, bytes, start, end) {
      if (first >> 4 !== PUBACK) return;
      const reasonCode = end - start > 2 ? (bytes[start + 2] ?? 0) : 0;
      if (reasonCode >= FAILURE_MIN) finished.reject(new Error(`PUBACK says ${reasonCode}`));
      const place = places.get(readTwo(bytes, start));
      if (place === undefined) finished.reject(new Error("a PUBACK for nothing"));
      else acknowledged.add(place);
      places.delete(readTwo(bytes, start));
      onAcknowledged?.(acknowledged.size);
    },
    onRead: () => sendMore?.(),
  });
  function send(): void {
    const packets: Buffer[] = [];
    const window = Math.min(options.window, connection.receiveMaximum);
    for (; sentCount < messages.length && places.size < window; sentCount++) {
      const {
        topic,
        payload,
        isRetained = false,
      } = messages[sentCount] ?? { topic: "", payload: "" };
      const packet = encodePublish(topic, payload, { isRetained });
      const identifier = (sentCount % IDENTIFIER_MAX) + 1;
      packet.bytes.writeUInt16BE(identifier, packet.at);
      places.set(identifier, sentCount);
      packets.push(packet.bytes);
    }
    if (packets.length > 0) connection.send(Buffer.concat(packets));
    if (acknowledged.size === messages.length) finished.resolve();
  }
  sendMore = send;
  send();
  await Promise.race([finished.promise, connection.closed]);
  if (acknowledged.size === messages.length) await connection.leave();
  else connection.destroy();
  return { sentCount, acknowledged };
}
