// GET /broker over real sockets: the embedded broker's figures, and how the bridge stands with an
// external one.

import { expect, test } from "bun:test";
import { findFreePort } from "../../scripts/free-port.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { startClientsBridge } from "../kit/clients-bridge.ts";
import { subscribe } from "../kit/messages.ts";
import { describeIf } from "../kit/suites.ts";
import { openTokenBridge } from "../kit/token-bridge.ts";

type Json = Readonly<Record<string, unknown>>;
type Limit = { readonly name: string } & Json;
type BrokerJson = Json & { readonly limits: readonly Limit[]; readonly filters: string[] };

async function getBroker(url: string, headers: Record<string, string> = {}): Promise<BrokerJson> {
  const answer = await fetch(`${url}/broker`, { headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as BrokerJson;
}

test("the embedded broker has its figures, and how far its limits are used", async () => {
  await using on = await startClientsBridge(["--retained-messages-max", "7", "--will", "off"]);
  await using ana = await on.enter("ana", { properties: { receiveMaximum: 2 } });
  await subscribe(ana, "a/#", 1);
  for (const topic of ["a/1", "a/2", "a/3"]) {
    const path = `${on.bridge.url}/topics/${topic}?retain=true`;
    expect((await fetch(path, { method: "PUT", body: "12345" })).status).toBe(200);
  }
  const broker = await getBroker(on.bridge.url);
  const door = { door: "tcp", address: `mqtt://127.0.0.1:${on.bridge.mqttPort}` };
  expect(broker).toMatchObject({
    kind: "embedded",
    connections: 1,
    sessions: { connected: 2, away: 0 },
    queued: { messages: 3, inflight: 2 },
    listeners: [door, { door: "websocket" }],
    dropped: { denied: 0, queue_full: 0 },
    per_second: { messages_in: expect.any(Number) },
  });
  const find = (wanted: string) => broker.limits.find(({ name }) => name === wanted);
  const { retained } = broker as unknown as { retained: { messages: number } };
  expect(retained.messages).toBeGreaterThanOrEqual(3);
  expect(find("retained-messages-max")).toMatchObject({ value: 7, used: retained.messages });
  expect(find("queue-messages-max")).toMatchObject({ used: 3, is_per_client: true });
  expect(find("retained-bytes-max")).toMatchObject({ unit: "bytes", is_per_client: false });
  expect(find("topic-levels-max")).not.toHaveProperty("used");
});

test("without $SYS there is no mean", async () => {
  await using bridge = await startBridge({ flags: ["--sys-interval", "0"] });
  expect(await getBroker(bridge.url)).not.toHaveProperty("per_second");
});

test("what nobody reaches is told with the error and its hint, without the password", async () => {
  const port = await findFreePort();
  const address = `mqtt://ana:s3cret@127.0.0.1:${port}`;
  await using bridge = await startBridge({ flags: ["--broker", address] });
  await bridge.waitForLine(/again in/);
  const broker = await getBroker(bridge.url);
  expect(broker).toMatchObject({
    kind: "external",
    connections: 0,
    filters: [],
    last_error: { code: "broker_refused", hint: expect.stringMatching(/./) },
  });
  expect(broker).not.toHaveProperty("capabilities");
  expect(JSON.stringify(broker)).not.toContain("s3cret");
  expect(broker.broker).toContain(String(port));
});

describeIf("mosquitto", "at Mosquitto", () => {
  test("the connection has its version, capabilities and filters", async () => {
    await using mosquitto = await startMosquitto();
    const address = `mqtt://127.0.0.1:${mosquitto.port}`;
    await using bridge = await startBridge({ flags: ["--broker", address] });
    await bridge.waitForLine(/connected to/);
    await bridge.app.link.connected();
    const broker = await getBroker(bridge.url);
    expect(broker).toMatchObject({
      kind: "external",
      state: "connected",
      mqtt_version: "5",
      session_present: false,
      connections: 1,
      capabilities: { qos_max: 2, retain: true, shared_subscriptions: true },
      refused_filters: [],
    });
    expect(broker.filters).toContain("devices/update");
    expect(broker).not.toHaveProperty("last_error");
  });

  test("shows each caller the filters that it may read, and no more", async () => {
    await using mosquitto = await startMosquitto();
    const address = `mqtt://127.0.0.1:${mosquitto.port}`;
    const tokens = "token narrow narrow\nread other/#\n\ntoken wide wide\nread\n";
    await using opened = await openTokenBridge(tokens, ["--broker", address]);
    await opened.bridge.app.link.connected();
    const { url } = opened.bridge;
    const wide = await getBroker(url, { Authorization: "Bearer wide" });
    const narrow = await getBroker(url, { Authorization: "Bearer narrow" });
    expect([wide.filters.includes("devices/update"), narrow.filters]).toEqual([true, []]);
  });
});
