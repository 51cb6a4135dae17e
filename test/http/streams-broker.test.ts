// Streams and the broker: what the link subscribes to for them, retained messages, groups, and a
// broker that is away for a while.

import { describe, expect, test } from "bun:test";
import { on, topic } from "../../src/viaduto.ts";
import { startBridge } from "../kit/bridge.ts";
import { type BrokerProcess, startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { readEvents } from "../kit/event-reader.ts";
import { expectProblem } from "../kit/problems.ts";
import { grant } from "../kit/requests.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const toFlags = ({ port }: { readonly port: number }, ...more: readonly string[]) => ({
  flags: ["--broker", `mqtt://127.0.0.1:${port}`, ...more],
});

/** A handler that keeps the payloads it got. */
function createSeen(filter: string) {
  const seen: string[] = [];
  const changes = createChanges();
  const handler = on(topic(filter, { content: "text" }), ({ payload }) => {
    seen.push(payload);
    changes.announce();
  });
  const waitFor = (payload: string) => {
    const look = () => (seen.includes(payload) ? true : undefined);
    return changes.wait(look, WAIT_TIMEOUT_MS, () => new Error(`${payload} did not come`));
  };
  return { seen, handlers: [handler], waitFor };
}

/** How often the broker was asked for the filter. */
function countSubscribes(broker: BrokerProcess, filter: string): number {
  const lines = broker.log().split("\n");
  return lines.filter((line) => / \d /.test(line) && line.endsWith(` ${filter}`)).length;
}

describeIf("mosquitto", "at an external broker", () => {
  test("who looks on takes no messages away from a group of workers", async () => {
    await using broker = await startMosquitto();
    await using bridge = await startBridge(toFlags(broker));
    await bridge.app.link.connected();
    const filter = encodeURIComponent("$share/workers/jobs");
    const asks = [
      fetch(`${bridge.url}/stream?filter=${filter}`),
      fetch(`${bridge.url}/topics/$share/workers/jobs?wait=10m`),
      fetch(`${bridge.url}/rpc/a?reply_topic=${filter}`, { method: "POST" }),
    ];
    for (const answer of asks) await expectProblem(await answer, 400, "filter_invalid");
    expect(countSubscribes(broker, "$share/workers/jobs")).toBe(0);
  });

  test("what is watched is subscribed to once for all, and nothing before", async () => {
    await using broker = await startMosquitto();
    await using bridge = await startBridge(toFlags(broker));
    await using device = await connectDevice(broker.port);
    await bridge.app.link.connected();
    expect(bridge.app.link.receives("a/b")).toBe(false);
    {
      await using one = await readEvents(`${bridge.url}/topics/a/%23`);
      await using other = await readEvents(`${bridge.url}/topics/a/%23`);
      await device.send("a/b", "x");
      for (const reader of [one, other]) await reader.next("message");
    }
    // It stays for a while: who comes back finds it.
    await using again = await readEvents(`${bridge.url}/topics/a/%23`);
    await device.send("a/b", "y");
    expect((await again.next("message")).data.payload).toBe("y");
    expect(countSubscribes(broker, "a/#")).toBe(1);
    // A wider filter that is there brings it.
    await using narrow = await readEvents(`${bridge.url}/topics/a/b`);
    await device.send("a/b", "z");
    await narrow.next("message");
    expect(countSubscribes(broker, "a/b")).toBe(0);
  });

  test("retained messages come to who watches a new filter, and to no handler again", async () => {
    await using broker = await startMosquitto();
    await using device = await connectDevice(broker.port);
    await device.send("r/1", "kept", { retain: true });
    await device.send("other/1", "too", { retain: true });
    const { seen, handlers, waitFor } = createSeen("r/{id}");
    await using bridge = await startBridge({ ...toFlags(broker), handlers });
    await waitFor("kept");
    await using reader = await readEvents(`${bridge.url}/stream?filter=r/%23&filter=other/%2B`);
    for (const payload of ["kept", "too"]) {
      const { data } = await reader.next("message", (one) => one.payload === payload);
      expect(data.retain).toBe(true);
    }
    await device.send("r/1", "live");
    await reader.next("message", ({ payload }) => payload === "live");
    await waitFor("live");
    expect(seen).toEqual(["kept", "live"]);
  });

  test("a stream goes on over a restart of the broker, and says so", async () => {
    await using broker = await startMosquitto();
    await using bridge = await startBridge(toFlags(broker));
    await bridge.app.link.connected();
    await using reader = await readEvents(`${bridge.url}/topics/a`);
    expect((await reader.next("state")).data).toMatchObject({ state: "connected" });
    await broker.restart();
    const away = await reader.next("state");
    expect(away.data).toMatchObject({ state: "away", broker: `mqtt://127.0.0.1:${broker.port}` });
    expect(away.data.reason).toBeString();
    expect((await reader.next("state")).data).toMatchObject({ state: "connected" });
    await using device = await connectDevice(broker.port);
    await device.send("a", "after");
    expect((await reader.next("message")).data.payload).toBe("after");
  });

  test("a stream that is opened while the broker is away begins when it is there", async () => {
    await using broker = await startMosquitto();
    await using bridge = await startBridge(toFlags(broker));
    await bridge.app.link.connected();
    await broker.kill();
    for await (const { kind } of bridge.app.link.states()) if (kind !== "connected") break;
    await using reader = await readEvents(`${bridge.url}/topics/a`);
    await broker.restart();
    await reader.next("state", ({ state }) => state === "connected");
    await using device = await connectDevice(broker.port);
    await device.send("a", "first");
    expect((await reader.next("message")).data.payload).toBe("first");
  });

  test("what a group shares is watched once, and handled once", async () => {
    await using broker = await startMosquitto();
    const { seen, handlers, waitFor } = createSeen("jobs/{id}");
    await using bridge = await startBridge({ ...toFlags(broker, "--group", "g"), handlers });
    await bridge.app.link.connected();
    await using reader = await readEvents(`${bridge.url}/topics/jobs/%23`);
    expect(reader.response.status).toBe(200);
    await using device = await connectDevice(broker.port);
    for (const payload of ["1", "2", "last"]) await device.send("jobs/1", payload);
    await waitFor("last");
    await reader.next("message", ({ payload }) => payload === "last");
    expect(seen).toEqual(["1", "2", "last"]);
    const payloads = reader.events.map(({ data }) => data.payload).filter(Boolean);
    expect(payloads).toEqual(["1", "2", "last"]);
  });

  test("a group over MQTT 3.1.1 is not watched: its handlers would run twice", async () => {
    await using broker = await startMosquitto();
    const { handlers } = createSeen("jobs/{id}");
    const flags = toFlags(broker, "--group", "g", "--mqtt-version", "3.1.1");
    await using bridge = await startBridge({ ...flags, handlers });
    await bridge.app.link.connected();
    const response = await fetch(`${bridge.url}/stream?filter=jobs/%23`);
    await expectProblem(response, 503, "group_unwatchable");
    expect(bridge.app.watching.watch.size).toBe(0);
  });
});

describe("a filter that the broker refuses", () => {
  test("is a problem before the stream begins, and frees it", async () => {
    await using broker = await startScriptedBroker();
    await using bridge = await startBridge(toFlags(broker, "--will", "off"));
    const connection = await broker.next();
    await connection.accept();
    await bridge.app.link.connected();
    const asking = fetch(`${bridge.url}/stream?filter=secret/%23`);
    const NOT_AUTHORIZED = 0x87;
    await grant(connection, NOT_AUTHORIZED);
    await expectProblem(await asking, 403, "subscribe_refused");
    expect(bridge.app.watching.watch.size).toBe(0);
  });
});
