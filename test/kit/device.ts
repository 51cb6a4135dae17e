// A device: an MQTT client as a stranger would write one, with messages to wait for.

import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type Received = {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
};

export type Device = AsyncDisposable & {
  readonly client: MqttClient;
  /** Everything received so far. */
  readonly received: readonly Received[];
  /** Resolves when that many messages are here. */
  waitForCount(count: number, timeoutMs?: number): Promise<readonly Received[]>;
  /** Resolves when what was received satisfies the condition; it is asked after each message. */
  waitUntil(isEnough: () => boolean, timeoutMs?: number): Promise<void>;
  /** Publishes with QoS 1; resolves at PUBACK. */
  send(
    topic: string,
    value: unknown,
    options?: { qos?: 0 | 1 | 2; retain?: boolean },
  ): Promise<void>;
};

/** A connected device that listens on the filter, if there is one. */
export async function connectDevice(
  port: number,
  filter?: string,
  options: IClientOptions = {},
): Promise<Device> {
  const received: Received[] = [];
  const changes = createChanges();
  const client = await connectAsync({
    protocol: "mqtt",
    host: "127.0.0.1",
    port,
    protocolVersion: 5,
    reconnectPeriod: 50,
    ...options,
  });
  client.on("error", () => {}); // A broker that a test kills; the device comes back by itself.
  client.on("message", (topic, payload, packet) => {
    received.push({ topic, text: payload.toString(), packet });
    changes.announce();
  });
  if (filter) await client.subscribeAsync(filter, { qos: 1 });
  return {
    client,
    received,
    waitForCount: (count, timeoutMs = WAIT_TIMEOUT_MS) =>
      changes.wait(
        () => (received.length >= count ? received : undefined),
        timeoutMs,
        () => new Error(`${received.length} of ${count} messages arrived`),
      ),
    async waitUntil(isEnough, timeoutMs = WAIT_TIMEOUT_MS) {
      const look = () => isEnough() || undefined;
      await changes.wait(look, timeoutMs, () => new Error(`only ${received.length} messages came`));
    },
    async send(topic, value, { qos = 1, retain = false } = {}) {
      const payload = typeof value === "string" ? value : JSON.stringify(value);
      await client.publishAsync(topic, payload, { qos, retain });
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}
