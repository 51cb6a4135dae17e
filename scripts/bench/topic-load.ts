// A process of the benchmark for the explorer: it publishes on many topics in turn at a rate, and
// counts what a subscriber of all of them gets. Started by bench-explorer.ts, which asks for the
// counts so far.

import { connectAsync, type MqttClient } from "mqtt";

export type LoadReport = { readonly published: number; readonly received: number };

const TICK_MS = 10;
const TOPICS_PER_GROUP = 20;
/** What the broker has not taken yet; beyond, the rate is more than it can take. */
const UNSENT_BYTES_MAX = 1_000_000;

async function openLoad(port: number, topicCount: number, rate: number) {
  const [publisher, subscriber] = await Promise.all([connect(port), connect(port)]);
  const counts = { published: 0, received: 0 };
  subscriber.on("message", () => {
    counts.received += 1;
  });
  await subscriber.subscribeAsync("bench/#");
  const topics = Array.from({ length: topicCount }, (_, at) => {
    return `bench/group ${Math.floor(at / TOPICS_PER_GROUP)}/device ${at}/state`;
  });
  let due = 0;
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    due += ((nowMs - lastMs) * rate) / 1_000;
    lastMs = nowMs;
    for (; due >= 1; due--) {
      if (publisher.stream.writableLength > UNSENT_BYTES_MAX) continue;
      const topic = topics[counts.published % topics.length] ?? "";
      publisher.publish(topic, toPayload(counts.published));
      counts.published += 1;
    }
  }, TICK_MS);
  return (): LoadReport => {
    const report = { ...counts };
    counts.published = 0;
    counts.received = 0;
    return report;
  };
}

function connect(port: number): Promise<MqttClient> {
  return connectAsync({ host: "127.0.0.1", port, protocolVersion: 5 });
}

function toPayload(count: number): string {
  const celsius = 15 + (count % 100) / 10;
  return JSON.stringify({ celsius, humidity: count % 101, count, state: "as it should be" });
}

if (import.meta.main) {
  const [port, topics, rate] = process.argv.slice(2).map(Number);
  const report = await openLoad(port ?? 0, topics ?? 0, rate ?? 0);
  process.on("message", () => process.send?.(report()));
  process.send?.(report());
}
