// MQTT over WebSocket at the HTTP port.

import { expect, test } from "bun:test";
import { connectAsync } from "mqtt";
import { startBridge } from "../kit/bridge.ts";

const MIB = 1 << 20;

test("takes a packet as large as --payload-bytes-max allows, above Bun's frame limit", async () => {
  await using bridge = await startBridge({ flags: ["--payload-bytes-max", String(20 * MIB)] });
  const url = `${bridge.url.replace("http", "ws")}/mqtt`;
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  const closed = new Promise((_, reject) => {
    client.once("close", () => reject(new Error("the connection was closed")));
  });
  await Promise.race([client.publishAsync("large", Buffer.alloc(18 * MIB), { qos: 1 }), closed]);
  closed.catch(() => {}); // From here on it is meant.
  await client.endAsync();
  const value = await fetch(`${bridge.url}/topics/large`);
  expect((await value.arrayBuffer()).byteLength).toBe(18 * MIB);
});
