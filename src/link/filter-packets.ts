// SUBSCRIBE and UNSUBSCRIBE for any number of filters, in packets that every broker takes, one
// after the other. Used by connection.ts; through mqtt.js, which numbers them and finds the answer.

import type { MqttClient } from "mqtt";
import type { QoS } from "../topics/message.ts";

/** A filter that the broker did not grant, and its SUBACK reason code (section 3.9.3). */
export type RefusedFilter = { readonly filter: string; readonly reasonCode: number };

/** MQTT 5 section 3.8.3.1: 0 sends retained messages, 1 to a new subscription only, 2 never. */
export type RetainHandling = 0 | 1 | 2;

export type RequestedFilter = {
  readonly filter: string;
  readonly qos: QoS;
  readonly rh: RetainHandling;
};

/** Brokers answer a packet in one piece: a long one holds up everybody else's messages. */
const FILTERS_MAX = 500;
const FILTER_BYTES_MAX = 32_768;
/** Type, length, packet identifier and the length of no properties, at most. */
const HEADER_BYTES = 8;
/** Beside a filter: its length and its options. */
const ENTRY_BYTES = 3;
/** As a key it is an option of mqtt.js' own: this filter goes alone, and so as a list. */
const RESERVED = "resubscribe";
/** Reason codes from here on are failures (MQTT 5 section 2.4). */
const FAILURE_MIN = 0x80;
const PACKET_TOO_LARGE = 0x95;

/** The connection over which they go. */
export type FilterExchange = {
  readonly client: MqttClient;
  readonly packetBytesMax: number;
  /** Waits for the answer to one packet; may end the connection over one that does not come. */
  readonly wait: <T>(answer: Promise<T>) => Promise<T>;
};

/**
 * Subscribes, over MQTT 5 with an identifier for all these (section 3.8.2.1.2); resolves with what
 * was refused, rejects when the connection ends first.
 */
export async function sendSubscribe(
  { client, packetBytesMax, wait }: FilterExchange,
  requested: readonly RequestedFilter[],
  identifier?: number,
): Promise<RefusedFilter[]> {
  const { batches, oversized } = toBatches(requested, packetBytesMax);
  const refused = oversized.map(({ filter }) => ({ filter, reasonCode: PACKET_TOO_LARGE }));
  for (const batch of batches) {
    checkConnected(client);
    const codes = await wait(subscribe(client, batch, identifier));
    for (const { filter } of batch) {
      const reasonCode = codes.get(filter) ?? 0;
      if (reasonCode >= FAILURE_MIN) refused.push({ filter, reasonCode });
    }
  }
  return refused;
}

/** Unsubscribes; rejects when the connection ends before the broker has answered. */
export async function sendUnsubscribe(
  { client, packetBytesMax, wait }: FilterExchange,
  filters: readonly string[],
): Promise<void> {
  const { batches } = toBatches(
    filters.map((filter) => ({ filter })),
    packetBytesMax,
  );
  for (const batch of batches) {
    checkConnected(client);
    const names = batch.map(({ filter }) => filter);
    const answer = new Promise<void>((resolve, reject) => {
      client.unsubscribe(names, (error) => (error ? reject(error) : resolve()));
    });
    await wait(answer);
  }
}

// mqtt.js would keep the packet for a connection that never comes, and answer nothing.
function checkConnected({ connected }: MqttClient): void {
  if (!connected) throw new Error("the connection has ended");
}

function subscribe(
  client: MqttClient,
  batch: readonly RequestedFilter[],
  identifier: number | undefined,
): Promise<ReadonlyMap<string, number>> {
  const topics = Object.fromEntries(batch.map(({ filter, qos, rh }) => [filter, { qos, rh }]));
  const { qos = 0, rh = 0 } = batch[0] ?? {};
  return new Promise((resolve, reject) => {
    const request = batch.length === 1 ? Object.keys(topics) : topics;
    const properties = identifier !== undefined && { subscriptionIdentifier: identifier };
    const options = { qos, rh, ...(properties && { properties }) };
    client.subscribe(request, options, (error, _granted, packet) => {
      // A refusal is an error to mqtt.js, and has its answer all the same.
      if (!packet || !("granted" in packet)) return reject(error ?? new Error("no SUBACK"));
      // In the order of the object's keys, which puts a filter such as "7" first.
      const names = Object.keys(topics);
      resolve(new Map(packet.granted.map((code, at) => [names[at] ?? "", Number(code)])));
    });
  });
}

function toBatches<F extends { readonly filter: string }>(
  entries: readonly F[],
  packetBytesMax: number,
): { batches: F[][]; oversized: F[] } {
  const bytesMax = Math.min(FILTER_BYTES_MAX, packetBytesMax - HEADER_BYTES);
  const batches: F[][] = [];
  const oversized: F[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.filter) + ENTRY_BYTES;
    const batch = entry.filter === RESERVED ? undefined : batches.at(-1);
    if (size > packetBytesMax - HEADER_BYTES) oversized.push(entry);
    else if (batch && isRoomy(batch) && bytes + size <= bytesMax) {
      batch.push(entry);
      bytes += size;
    } else {
      batches.push([entry]);
      bytes = size;
    }
  }
  return { batches, oversized };
}

function isRoomy(batch: readonly { readonly filter: string }[]): boolean {
  return batch.length < FILTERS_MAX && batch[0]?.filter !== RESERVED;
}
