// Requests that get no reply, or not at once: what they tell, and that they leave nothing behind.

import { expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import { openLink, toMessage } from "../kit/open-link.ts";
import { answer, ask, grant, type Outcome, reply, take } from "../kit/requests.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

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

test("a broker that acknowledges nothing makes it a request that timed out", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], sendWindow: 1 });
  const connection = await broker.next();
  await connection.accept();
  const first = ask(opened, "first");
  await grant(connection);
  answer(connection, await take(connection), "done");
  await first;
  // One is sent and not acknowledged, the other waits behind it.
  const asked = ["a", "b"].map((text) => ask(opened, text, { timeoutMs: 100 }));
  expect(await Promise.all(asked)).toEqual(["request_timeout", "request_timeout"]);
  const { messageId = 0 } = await connection.next("publish");
  const last = opened.link.publish(toMessage("last"));
  connection.send({ cmd: "puback", messageId });
  const next = await take(connection);
  expect(String(next.payload)).toBe("last");
  await last;
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
