// One subscriber of the broker's load generator: tells what comes, and whether in its order, and
// acknowledges all of one read at once.

import { type Connection, openConnection } from "./connection.ts";
import type { FlowOrder } from "./flow-order.ts";
import { TOPIC_PREFIX } from "./flow-publisher.ts";
import { encodePuback, PUBLISH, readTwo } from "./mqtt-bytes.ts";

export type FlowSubscriberOptions = {
  readonly order: FlowOrder;
  readonly clientId: string;
  /** Of every publisher. */
  readonly ringLength: number;
  /** A message of this publisher, at this place of its ring, has come; perhaps out of order. */
  readonly onMessage: (publisher: number, place: number, isInOrder: boolean) => void;
  readonly onRead: () => void;
};

const SESSION_EXPIRY_SECONDS = 3_600;
const PUBACK_BYTES = encodePuback(0);
const EXPECTED_PROPERTIES_MAX = 127;

/** Resolves when it is subscribed. */
export async function openFlowSubscriber(options: FlowSubscriberOptions): Promise<Connection> {
  const { order, clientId, ringLength, onMessage, onRead } = options;
  const expected = new Uint16Array(order.publishers);
  const acknowledgements = createAcknowledgements();

  const connection = await openConnection({
    port: order.port,
    clientId,
    ...(order.isSessionKept && { sessionExpirySeconds: SESSION_EXPIRY_SECONDS }),
    onPacket(first, bytes, start) {
      if (first >> 4 !== PUBLISH) throw new Error(`${clientId} got packet type ${first >> 4}`);
      let at = start + 2 + readTwo(bytes, start);
      if (first & 0b110) {
        acknowledgements.add(bytes[at] ?? 0, bytes[at + 1] ?? 0);
        at += 2;
      }
      const properties = bytes[at] ?? 0;
      if (properties > EXPECTED_PROPERTIES_MAX) throw new Error("more properties than were sent");
      at += 1 + properties;
      const publisher = readTwo(bytes, at);
      const place = readTwo(bytes, at + 2);
      const isInOrder = place === expected[publisher];
      expected[publisher] = (place + 1) % ringLength;
      onMessage(publisher, place, isInOrder);
    },
    onRead(send) {
      const bytes = acknowledgements.take();
      if (bytes) send(bytes);
      onRead();
    },
  });
  await connection.subscribe(`${TOPIC_PREFIX}+`, order.qos);
  return connection;
}

/** The PUBACKs of one read. */
function createAcknowledgements() {
  let bytes = Buffer.alloc(PUBACK_BYTES.length * 1_024);
  let length = 0;
  return {
    add(high: number, low: number): void {
      if (length === bytes.length) bytes = Buffer.concat([bytes, bytes]);
      bytes.set(PUBACK_BYTES, length);
      bytes[length + 2] = high;
      bytes[length + 3] = low;
      length += PUBACK_BYTES.length;
    },
    take(): Buffer | undefined {
      if (length === 0) return undefined;
      const taken = Buffer.from(bytes.subarray(0, length));
      length = 0;
      return taken;
    },
  };
}
