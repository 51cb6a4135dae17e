// /clients over real sockets: who is connected.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashPassword } from "../../src/access/password-hash.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { startBridge } from "../kit/bridge.ts";
import {
  type ClientJson,
  type ClientsBridge,
  type ClientsJson,
  idsOf,
  startClientsBridge,
} from "../kit/clients-bridge.ts";
import { subscribe } from "../kit/messages.ts";
import { expectProblem } from "../kit/problems.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";
import { connectWebSocket } from "../kit/web-socket-client.ts";

let on: ClientsBridge;
beforeEach(async () => {
  on = await startClientsBridge(["--keepalive-seconds-max", "40"]);
});
afterEach(() => on[Symbol.asyncDispose]());

describe("GET /clients", () => {
  test("says of each client who it is, and what it has", async () => {
    const startedAtMs = Date.now();
    const properties = { sessionExpiryInterval: 60 };
    await using ana = await on.enter("ana", { username: "Ana", keepalive: 30, properties });
    await subscribe(ana, "a/#", 1);
    await using old = await on.enter("old", { keepalive: 0 }, 4);
    await using oldest = await on.enter("oldest", {}, 3);
    const { clients, total } = await on.list();
    expect(total).toBe(3);
    expect(clients.map(({ client_id, version }) => [client_id, version])).toEqual([
      ["oldest", "3.1"],
      ["old", "3.1.1"],
      ["ana", "5"],
    ]);
    const { address, connected_at, ...facts } = (clients[2] ?? {}) as ClientJson;
    expect(facts).toEqual({
      client_id: "ana",
      username: "Ana",
      door: "tcp",
      version: "5",
      keepalive: 30,
      session_expiry: 60,
      subscription_count: 1,
      subscriptions: ["a/#"],
      queued: 0,
      inflight: 0,
      queued_bytes: 0,
      unread_bytes: 0,
      left_out: 0,
    });
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(Date.parse(String(connected_at))).toBeWithin(startedAtMs, Date.now() + 1);
    expect(clients[1]).not.toHaveProperty("username");
    expect([old.packets.length, oldest.packets.length]).toEqual([1, 1]);
  });

  test("counts what a client has not acknowledged", async () => {
    await using slow = await on.enter("slow", { properties: { receiveMaximum: 2 } });
    await subscribe(slow, "slow", 1);
    for (const _message of [1, 2, 3]) {
      const init = { method: "PUT", body: "12345" };
      expect((await fetch(`${on.bridge.url}/topics/slow`, init)).status).toBe(200);
    }
    expect(await on.find("slow")).toMatchObject({ queued: 3, inflight: 2, queued_bytes: 15 });
    for (const _message of [1, 2, 3]) {
      const { messageId = 0 } = await slow.next("publish");
      slow.sendPacket({ cmd: "puback", messageId });
    }
    slow.sendPacket({ cmd: "pingreq" });
    await slow.next("pingresp");
    expect(await on.find("slow")).toMatchObject({ queued: 0, inflight: 0, queued_bytes: 0 });
  });

  test("has the keep alive that is enforced", async () => {
    await using _eager = await on.enter("eager", { keepalive: 600 });
    expect(await on.find("eager")).toMatchObject({ keepalive: 40 });
  });

  test("with a limit has the newest, and says how many there are", async () => {
    await using _one = await on.enter("one");
    await using _two = await on.enter("two");
    await using _three = await on.enter("three");
    const some = await on.list("?limit=2");
    expect([idsOf(some), some.total]).toEqual([["three", "two"], 3]);
  });

  test.each(["?limit=0", "?limit=10001", "?limit=", "?limit=2x", "?name=a"])(
    "refuses %s in words",
    async (query) => {
      await expectProblem(await on.ask(query), 400, "query_invalid");
    },
  );

  test("shows some filters of each, and one client has all", async () => {
    await using many = await on.enter("many");
    const filters = Array.from({ length: 30 }, (_, at) => `many/${at}`);
    const subscriptions = filters.map((topic) => ({ topic, qos: 0 as const }));
    many.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
    await many.next("suback");
    const [listed] = (await on.list()).clients;
    const shown = { subscription_count: 30, subscriptions: filters.slice(0, 20) };
    expect(listed).toMatchObject(shown);
    expect(await on.find("many")).toMatchObject({ ...shown, subscriptions: filters });
  });

  test("leaves out the bridge, and who was not accepted", async () => {
    await using _silent = await connectRaw(on.bridge.mqttPort);
    await using refused = await connectRaw(on.bridge.mqttPort);
    refused.send("10 09 00 04 4d 51 54 54 05 03 00");
    await refused.closed;
    expect(await on.list()).toEqual({ clients: [], total: 0 });
  });

  test("knows a WebSocket", async () => {
    const url = `${on.bridge.url.replace("http", "ws")}/mqtt`;
    await using client = await connectWebSocket(url);
    client.sendPacket(connectPacket(5, "by web"));
    await client.next("connack");
    expect(await on.find("by web")).toMatchObject({ door: "websocket", version: "5" });
  });
});

test("with a token it is asked for", async () => {
  await using guarded = await startBridge({ flags: ["--http-token", "s3cret"] });
  const refused = await fetch(`${guarded.url}/clients`);
  await expectProblem(refused, 401, "token_missing");
  const headers = { Authorization: "Bearer s3cret" };
  expect((await fetch(`${guarded.url}/clients`, { headers })).status).toBe(200);
});

test("who logged in is told by name, and who did not is not there", async () => {
  await using folder = await makeTemporaryFolder();
  const hash = await hashPassword(Buffer.from("geheim"));
  const file = await folder.write("passwords", `ana:${hash}\n`);
  await using guarded = await startBridge({ flags: ["--password-file", file] });
  const login = async (clientId: string, password: string) => {
    const client = await connectRaw(guarded.mqttPort);
    const more = { username: "ana", password: Buffer.from(password) };
    client.sendPacket(connectPacket(5, clientId, more));
    await client.next("connack");
    return client;
  };
  await using _right = await login("right", "geheim");
  await using _wrong = await login("wrong", "geraten");
  const { clients } = (await (await fetch(`${guarded.url}/clients`)).json()) as ClientsJson;
  expect(clients).toMatchObject([{ client_id: "right", username: "ana" }]);
});

test("at an external broker there is no list, in words", async () => {
  await using other = await startBridge();
  const url = `mqtt://127.0.0.1:${other.mqttPort}`;
  await using external = await startBridge({ flags: ["--broker", url] });
  for (const [path, method] of [
    ["", "GET"],
    ["/a", "GET"],
    ["/a", "DELETE"],
  ] as const) {
    const answer = await fetch(`${external.url}/clients${path}`, { method });
    const problem = await expectProblem(answer, 404, "not_embedded");
    expect(problem.detail).toContain("external broker");
  }
  const seen = (await (await fetch(`${other.url}/clients`)).json()) as ClientsJson;
  expect(idsOf(seen)).toHaveLength(1);
});
