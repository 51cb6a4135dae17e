// Who may see and change which retained messages, and what limits an answer.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { describeIf } from "../kit/suites.ts";
import { openTokenBridge, type TokenBridge } from "../kit/token-bridge.ts";

const TOKENS = `
token all all
read
publish
admin
token some some
read mine/#
publish mine/#
deny mine/secret
admin
`;
const MANY = 2_000;

let opened: TokenBridge;
beforeAll(async () => {
  opened = await openTokenBridge(TOKENS);
  for (const topic of ["mine/a", "mine/secret", "other/a"]) {
    await opened.ask(`/topics/${topic}?retain=true`, "all", { method: "PUT", body: "x" });
  }
});
afterAll(() => opened[Symbol.asyncDispose]());

type Page = { readonly messages: readonly { readonly topic: string }[]; readonly total: number };
const read = async (answer: Response) => (await answer.json()) as Page & Record<string, unknown>;

test("the list has what may be read, and counts no more", async () => {
  const { messages, total } = await read(await opened.ask("/retained", "some"));
  expect([messages.map(({ topic }) => topic), total]).toEqual([["mine/a"], 1]);
});

test("what may not be published to is refused, counted, and stays", async () => {
  const path = "/retained?filter=%2B/%23";
  const deleted = await read(await opened.ask(path, "some", { method: "DELETE" }));
  // The bridge's own status is not among them.
  expect(deleted).toMatchObject({ matched: 3, deletable: 1, deleted: 1, refused: 2 });
  expect(deleted.refusals).toMatchObject([
    { code: "topic_forbidden", count: 2, topics: ["mine/secret", "other/a"] },
  ]);
  const left = await read(await opened.ask("/retained?filter=%2B/%2B", "all"));
  expect(left.messages.map(({ topic }) => topic)).toEqual(["mine/secret", "other/a"]);
  const items = [
    { topic: "mine/a", payload: "x" },
    { topic: "other/b", payload: "x" },
    { topic: "mine/b", payload: "x", properties: { response_topic: "other/c" } },
  ];
  const body = items.map((item) => JSON.stringify(item));
  const init = { method: "POST", body: body.join("\n") };
  const restored = await read(await opened.ask("/retained", "some", init));
  expect(restored).toMatchObject({ restored: 1, refused: 2 });
});

test("an answer has no more bytes than may be, and says where to go on", async () => {
  await using bridge = await startBridge({ flags: ["--retained-read-bytes-max", "1024"] });
  for (const name of ["a", "b", "c"]) {
    const init = { method: "PUT", body: "x".repeat(600) };
    await fetch(`${bridge.url}/topics/large/${name}?retain=true`, init);
  }
  const answer = await fetch(`${bridge.url}/retained?filter=large/%23`);
  expect(await read(answer)).toMatchObject({ total: 3, next: "large/a" });
  const lines = await fetch(`${bridge.url}/retained?filter=large/%23&format=ndjson`);
  expect(lines.headers.get("Retained-Next")).toBe("large%2Fa");
  const small = await fetch(`${bridge.url}/retained?filter=large/%23&payload_bytes=10`);
  expect((await read(small)).messages).toHaveLength(3);
});

test("a list has no more messages than one request may change", async () => {
  await using bridge = await startBridge({ flags: ["--retained-changes-max", "2"] });
  const body = JSON.stringify([1, 2, 3].map((name) => ({ topic: `t/${name}`, payload: "x" })));
  const answer = await fetch(`${bridge.url}/retained`, { method: "POST", body });
  await expectProblem(answer, 413, "retained_list_too_large");
});

describeIf("mosquitto", "at Mosquitto", () => {
  test("more than its queue holds are read all the same, each with its QoS", async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.port);
    const topics = Array.from({ length: MANY }, (_, at) => `many/${String(at).padStart(4, "0")}`);
    const options = { qos: 1, retain: true } as const;
    await Promise.all(topics.map((topic) => device.client.publishAsync(topic, "x", options)));
    await using bridge = await startBridge({
      flags: ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`],
    });
    await bridge.app.link.connected();
    const page = await read(await fetch(`${bridge.url}/retained?filter=many/%23&limit=10000`));
    expect(page).toMatchObject({ total: MANY, completeness: "likely" });
    expect(page.messages.map(({ topic }) => topic)).toEqual(topics);
    expect(new Set(page.messages.map((message) => Object(message).qos))).toEqual(new Set([1]));
    const init = { method: "DELETE" };
    const deleted = await read(await fetch(`${bridge.url}/retained?filter=many/%23`, init));
    expect(deleted).toMatchObject({ deleted: MANY, refused: 0, left: 0 });
  }, 30_000);

  test("a limit that is reached is told", async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.port);
    for (const topic of ["a/1", "a/2", "a/3"]) {
      await device.client.publishAsync(topic, "x".repeat(500), { qos: 1, retain: true });
    }
    const url = `mqtt://127.0.0.1:${mosquitto.port}`;
    const ask = async (flags: readonly string[]) => {
      await using bridge = await startBridge({ flags: ["--broker", url, ...flags] });
      await bridge.app.link.connected();
      return read(await fetch(`${bridge.url}/retained?filter=a/%23`));
    };
    const few = await ask(["--retained-read-messages-max", "2"]);
    expect(few).toMatchObject({ total: 2, completeness: "cut" });
    expect(few.reason).toContain("--retained-read-messages-max");
    const small = await ask(["--retained-read-bytes-max", "1024"]);
    expect(small).toMatchObject({ total: 2, completeness: "cut" });
  });

  test("while there is no broker, it says so", async () => {
    await using mosquitto = await startMosquitto();
    await using bridge = await startBridge({
      flags: ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`],
    });
    await bridge.app.link.connected();
    await mosquitto.kill();
    for await (const { kind } of bridge.app.link.states()) if (kind === "waiting") break;
    const answer = await fetch(`${bridge.url}/retained`);
    await expectProblem(answer, 503, "retained_unreadable");
  });
});
