// Requests over the link, packet by packet: what goes out, which message is the reply, and what is
// left when none comes.

import { expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import type { LinkRequestOptions } from "../../src/link/requests.ts";
import { openLink, type TestLink, toMessage } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";
import { WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

type Outcome = Promise<string>;

/** The text of the reply, or the code of the error. */
function ask(opened: TestLink, text: string, more: Partial<LinkRequestOptions> = {}): Outcome {
  return opened.link
    .request(toMessage(text), { timeoutMs: WAIT_TIMEOUT_MS, ...more })
    .then(({ payload }) => String(payload))
    .catch((error: { code: string }) => error.code);
}

/** Grants the next SUBSCRIBE; its filters. */
async function grant(connection: ScriptedConnection, granted = 0): Promise<unknown> {
  const { messageId = 0, subscriptions } = await connection.next("subscribe");
  connection.send({ cmd: "suback", granted: subscriptions.map(() => granted), messageId });
  return subscriptions.map(({ topic, qos }) => ({ topic, qos }));
}

/** The next PUBLISH, acknowledged. */
async function take(connection: ScriptedConnection, reasonCode = 0): Promise<IPublishPacket> {
  const packet = await connection.next("publish");
  connection.send({ cmd: "puback", messageId: packet.messageId ?? 0, reasonCode });
  return packet;
}

function reply(
  connection: ScriptedConnection,
  topic: string,
  text: string,
  more: Partial<IPublishPacket> = {},
): void {
  const head = { cmd: "publish", qos: 0, dup: false, retain: false } as const;
  connection.send({ ...head, topic, payload: text, ...more });
}

function answer(connection: ScriptedConnection, { properties }: IPublishPacket, text: string) {
  const { responseTopic = "", correlationData } = properties ?? {};
  reply(connection, responseTopic, text, {
    properties: correlationData ? { correlationData } : {},
  });
}

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
  expect(request.properties?.correlationData).toHaveLength(16);
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

test("a handler's wider filter brings a reply as QoS 1: it is taken, and acknowledged", async () => {
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

test("handlers that all wait for a reply get it, though the inbox is full", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], inboxMessagesMax: 10, sendWindow: 10 });
  const connection = await broker.next();
  await connection.accept();
  for (let messageId = 1; messageId <= 10; messageId++) {
    reply(connection, "in/a", `${messageId}`, { qos: 1, messageId });
  }
  const messages = opened.link.messages();
  const handled: Outcome[] = [];
  for (let count = 0; count < 10; count++) {
    const { value } = await messages.next();
    const replied = ask(opened, String(value.message.payload));
    handled.push(replied.finally(value.done));
  }
  await grant(connection);
  const requests: IPublishPacket[] = [];
  for (const _ of handled) requests.push(await take(connection));
  expect(connection.waiting("puback")).toBe(0);
  for (const request of requests.reverse()) answer(connection, request, `re ${request.payload}`);
  expect(await Promise.all(handled)).toEqual(handled.map((_, at) => `re ${at + 1}`));
  for (const _ of handled) await connection.next("puback");
});

test("a request that the broker refuses, or that nobody listens to, fails at once", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const refused = ask(opened, "a");
  await grant(connection);
  await take(connection, 0x87);
  expect(await refused).toBe("publish_refused");
  const unheard = ask(opened, "b");
  await take(connection, 0x10);
  expect(await unheard).toBe("nobody_listens");
  expect(await ask(opened, "x".repeat(2 << 20))).toBe("payload_too_large");
});

test("a refused reply topic is an error, and is asked for again by the next request", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const refused = ask(opened, "a");
  await grant(connection, 0x87);
  expect(await refused).toBe("subscribe_refused");
  const replied = ask(opened, "b");
  await grant(connection);
  answer(connection, await take(connection), "done");
  expect(await replied).toBe("done");
});

test("so many requests may wait, and one that timed out waits no more", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], requestsMax: 2 });
  const connection = await broker.next();
  await connection.accept();
  const late = [ask(opened, "a", { timeoutMs: 300 }), ask(opened, "b", { timeoutMs: 300 })];
  expect(await ask(opened, "c")).toBe("requests_full");
  await grant(connection);
  const requests = [await take(connection), await take(connection)];
  expect(await Promise.all(late)).toEqual(["request_timeout", "request_timeout"]);
  for (const request of requests) answer(connection, request, "too late");
  const replied = ask(opened, "d");
  answer(connection, await take(connection), "in time");
  expect(await replied).toBe("in time");
});

test("a request waits for a connection, and for a lost reply topic to be there again", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const early = ask(opened, "early");
  const first = await broker.next();
  await first.accept();
  await first.next("subscribe");
  first.destroy();
  const second = await broker.next();
  await second.next("connect");
  second.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
  const granted = await second.next("subscribe");
  expect(granted.subscriptions.map(({ topic }) => topic)).toContain("viaduto/link/replies/+");
  expect(second.waiting("publish")).toBe(0);
  const codes = granted.subscriptions.map(() => 0);
  second.send({ cmd: "suback", granted: codes, messageId: granted.messageId ?? 0 });
  answer(second, await take(second), "done");
  expect(await early).toBe("done");
});

test("without a connection a request times out, and a link that closes fails it", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  expect(await ask(opened, "a", { timeoutMs: 20 })).toBe("request_timeout");
  const waiting = ask(opened, "b");
  await opened.link[Symbol.asyncDispose]();
  expect(await waiting).toBe("link_closed");
  expect(await ask(opened, "c")).toBe("link_closed");
});

test("a publish with an absolute topic goes beside the origin", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], origin: "plant" });
  const connection = await broker.next();
  await connection.accept();
  const published = [
    opened.link.publish(toMessage("a"), { isAbsolute: true }),
    opened.link.publish(toMessage("b")),
  ];
  expect((await take(connection)).topic).toBe("out");
  expect((await take(connection)).topic).toBe("plant/out");
  await Promise.all(published);
});
