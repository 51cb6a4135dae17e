// Keep Alive (MQTT 5 sections 3.1.2.10 and 3.2.2.3.14): what is told, and what is enforced.

import { describe, expect, test } from "bun:test";
import { type ConnectMore, startEmbedded } from "../kit/embedded-broker.ts";
import { receivedUntilNow } from "../kit/messages.ts";

describe("Server Keep Alive", () => {
  test.each([
    ["larger than the limit is told the limit", 11, 10],
    ["of 0, which is for ever, is told the limit", 0, 10],
    ["of the limit is told nothing", 10, undefined],
    ["smaller is told nothing", 9, undefined],
  ] as const)("a keep alive %s", async (_name, keepalive, told) => {
    await using broker = await startEmbedded({ keepaliveSecondsMax: 10 });
    await using client = await broker.connect("client", { keepalive });
    const [connack] = client.packets;
    if (connack?.cmd !== "connack") throw new Error("no CONNACK");
    expect(connack.properties?.serverKeepAlive).toBe(told);
    expect(broker.broker.clients()[0]?.keepaliveSeconds).toBe(told ?? keepalive);
  });

  test.each([0, 65_535])("without a limit %p is fine", async (keepalive) => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { keepalive });
    expect(client.packets[0]).not.toHaveProperty("properties.serverKeepAlive");
  });
});

// Half again as long as the keep alive: the one test of these that takes real time.
test("who says nothing for 1.5 times the keep alive is closed [MQTT-3.1.2-22]", async () => {
  await using broker = await startEmbedded({ keepaliveSecondsMax: 1 });
  const silent: Record<string, ConnectMore> = {
    old: { version: 4, keepalive: 1 },
    oldest: { version: 3, keepalive: 1 },
    own: { keepalive: 1 },
    told: { keepalive: 600 },
    endless: { keepalive: 0 },
  };
  await using free = await broker.connect("free", { version: 4, keepalive: 0 });
  await using busy = await broker.connect("busy", { keepalive: 1 });
  const pings = setInterval(() => busy.sendPacket({ cmd: "pingreq" }), 200);
  await Promise.all(
    Object.entries(silent).map(async ([id, more]) => {
      await using client = await broker.connect(id, more);
      await client.closed;
      await broker.waitForLog(new RegExp(`client '${id}' is gone: keep alive timeout`));
    }),
  ).finally(() => clearInterval(pings));
  for (const client of [free, busy]) await receivedUntilNow(client);
});
