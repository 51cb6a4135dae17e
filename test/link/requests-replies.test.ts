// Which message is the reply to which request.

import { expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import { openLink, toMessage } from "../kit/open-link.ts";
import { answer, ask, grant, reply, take } from "../kit/requests.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

test("a request names its reply topic, and waits for SUBACK first", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], origin: "plant", clientId: "a/b+c#d%e" });
  const connection = await broker.next();
  await connection.accept();
  const first = ask(opened, "first");
  const { messageId = 0, subscriptions } = await connection.next("subscribe");
  const own = "plant/viaduto/a%2Fb%2Bc%23d%25e/replies/";
  expect(subscriptions).toMatchObject([{ topic: `${own}+`, qos: 0 }]);
  expect(connection.waiting("publish")).toBe(0);
  connection.send({ cmd: "suback", granted: [0], messageId });

  const request = await take(connection);
  expect(request.topic).toBe("plant/out");
  expect(request.properties?.responseTopic).toStartWith(own);
  expect(request.properties?.responseTopic?.slice(own.length)).toMatch(/^[0-9a-f]{32}$/);
  expect(request.properties?.correlationData).toHaveLength(32);
  answer(connection, request, "done");
  expect(await first).toBe("done");

  const second = ask(opened, "second");
  const next = await take(connection);
  expect(connection.waiting("subscribe")).toBe(0);
  expect(next.properties?.responseTopic).not.toBe(request.properties?.responseTopic);
  answer(connection, next, "done again");
  expect(await second).toBe("done again");
});

test("a reply has its topic without the origin, and its properties", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], origin: "plant" });
  const connection = await broker.next();
  await connection.accept();
  const replied = opened.link.request(toMessage("a"), { timeoutMs: WAIT_TIMEOUT_MS, token: "t" });
  await grant(connection);
  const request = await take(connection);
  expect(request.properties?.userProperties).toEqual({ token: "t" });
  reply(connection, request.properties?.responseTopic ?? "", "x", {
    properties: { contentType: "text/plain" },
  });
  const { topic, properties } = await replied;
  expect(topic).toMatch(/^viaduto\/link\/replies\/[0-9a-f]{32}$/);
  expect(properties).toEqual({ contentType: "text/plain" });
});

test("correlation data of another request is no reply, and the first reply counts", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const replied = ask(opened, "a");
  await grant(connection);
  const request = await take(connection);
  const topic = request.properties?.responseTopic ?? "";
  reply(connection, topic, "forged", { properties: { correlationData: Buffer.alloc(16) } });
  reply(connection, topic, "retained", { retain: true });
  answer(connection, request, "first");
  answer(connection, request, "second");
  expect(await replied).toBe("first");
});

test("replies on a declared topic: by correlation data, else the oldest request", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], origin: "plant" });
  const connection = await broker.next();
  await connection.accept();
  const asked = ["a", "b", "c", "d"].map((text) => ask(opened, text, { replyTopic: "back" }));
  expect(await grant(connection)).toEqual([{ topic: "plant/back", qos: 0 }]);
  const requests: IPublishPacket[] = [];
  for (const _ of asked) requests.push(await take(connection));
  expect(requests.map(({ properties }) => properties?.responseTopic)).toEqual(
    asked.map(() => "plant/back"),
  );
  const [, second] = requests;
  reply(connection, "plant/back", "of another bridge", {
    properties: { correlationData: Buffer.from("other") },
  });
  if (second) answer(connection, second, "to b");
  for (const text of ["to a", "to c", "to d"]) reply(connection, "plant/back", text);
  expect(await Promise.all(asked)).toEqual(["to a", "to b", "to c", "to d"]);
});

test("over MQTT 3.1.1 a declared topic works, and without one it is an error", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], version: 4 });
  const connection = await broker.next();
  await connection.accept();
  expect(await ask(opened, "a")).toBe("request_unsupported");
  const asked = [
    ask(opened, "b", { replyTopic: "back" }),
    ask(opened, "c", { replyTopic: "back" }),
  ];
  await grant(connection);
  for (const _ of asked) await take(connection);
  for (const text of ["to b", "to c", "to nobody"]) reply(connection, "back", text);
  expect(await Promise.all(asked)).toEqual(["to b", "to c"]);
});

test("a handler's wider filter brings a reply as QoS 1: taken, and acknowledged", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({
    ports: [broker.port],
    subscriptions: [{ filter: "#", qos: 1, retained: "send" }],
  });
  const connection = await broker.next();
  await connection.accept();
  const replied = ask(opened, "a");
  const request = await take(connection);
  expect(connection.waiting("subscribe")).toBe(0);
  const topic = request.properties?.responseTopic ?? "";
  reply(connection, topic, "done", { qos: 1, messageId: 5 });
  expect(await replied).toBe("done");
  const { value } = await opened.link.messages().next();
  expect(value.message.topic).toBe(topic);
  value.done();
  expect((await connection.next("puback")).messageId).toBe(5);
});
