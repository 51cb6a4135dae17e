// What is left when something goes wrong in the middle: nothing lost, nothing stuck, nothing
// untrue.

import { expect, test } from "bun:test";
import { openLink, type TestLink, toMessage } from "../kit/open-link.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

const failed = (error: { code: string }) => error.code;

async function nextConnected(opened: TestLink) {
  for await (const state of opened.link.states()) if (state.kind === "connected") return state;
  throw new Error("closed");
}

test("what is too long to be encoded is refused, and the connection lives", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], sendWindow: 1 });
  const connection = await broker.next();
  await connection.accept();
  const long = "x".repeat(70_000);
  const { link } = opened;
  // Behind a full window they would be encoded when nobody can be told.
  const first = link.publish(toMessage("first"));
  const refused = await Promise.all([
    link.publish(toMessage("a", { properties: { contentType: long } })).catch(failed),
    link.publish(toMessage("b", { properties: { userProperties: { long } } })).catch(failed),
    link
      .publish(toMessage("c", { properties: { correlationData: Buffer.alloc(70_000) } }))
      .catch(failed),
    link.publish(toMessage("d", { topic: long })).catch(failed),
  ]);
  expect(refused).toEqual([
    "message_invalid",
    "message_invalid",
    "message_invalid",
    "message_invalid",
  ]);
  const last = link.publish(toMessage("last"));
  for (const text of ["first", "last"]) {
    const { messageId = 0, payload } = await connection.next("publish");
    expect(String(payload)).toBe(text);
    connection.send({ cmd: "puback", messageId });
  }
  await Promise.all([first, last]);
});

test("the second broker of a list is subscribed to, also when it has an old session", async () => {
  await using first = await startScriptedBroker();
  await using second = await startScriptedBroker();
  await using opened = openLink({ ports: [first.port, second.port] });
  const one = await first.next();
  await one.accept();
  await nextConnected(opened);
  one.destroy();
  const two = await second.next();
  await two.next("connect");
  two.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  const { subscriptions } = await two.next("subscribe");
  // Retain Handling 1: a subscription that is there brings no retained messages again.
  expect(subscriptions).toMatchObject([{ topic: "in/#", rh: 1 }]);
});

test("a refused filter stays refused in the state after a reconnect", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  for (const sessionPresent of [false, true]) {
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent, reasonCode: 0 });
    const { messageId = 0 } = await connection.next("subscribe");
    connection.send({ cmd: "suback", granted: [0x87], messageId });
    expect(await nextConnected(opened)).toMatchObject({ refusedFilters: ["in/#"] });
    connection.destroy();
    for await (const { kind } of opened.link.states()) if (kind !== "connected") break;
  }
});

test("a broker that hung up once is spoken to in MQTT 5 again at the next connection", async () => {
  await using broker = await startScriptedBroker();
  await using _opened = openLink({ ports: [broker.port] });
  const starting = await broker.next();
  await starting.next("connect");
  starting.destroy();
  const older = await broker.next();
  expect((await older.accept()).protocolVersion).toBe(4);
  older.destroy();
  expect((await (await broker.next()).accept()).protocolVersion).toBe(5);
});

test("each broker of a list has a version of its own", async () => {
  await using modern = await startScriptedBroker();
  await using old = await startScriptedBroker();
  await using _opened = openLink({ ports: [modern.port, old.port] });
  const one = await modern.next();
  await one.accept();
  one.destroy();
  const two = await old.next();
  expect((await two.next("connect")).protocolVersion).toBe(5);
  two.send({ cmd: "connack", sessionPresent: false, reasonCode: 0x84 });
  const three = await modern.next();
  expect((await three.accept()).protocolVersion).toBe(5);
  three.destroy();
  expect((await (await old.next()).accept()).protocolVersion).toBe(4);
});

test("QoS 2: after a reconnect, a PUBREL that the broker knows no more is success", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  const published = opened.link.publish(toMessage("a", { qos: 2 }));
  const { messageId = 0 } = await first.next("publish");
  first.send({ cmd: "pubrec", messageId });
  await first.next("pubrel");
  first.destroy();
  const second = await broker.next();
  await second.next("connect");
  second.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  await second.next("pubrel");
  second.send({ cmd: "pubcomp", messageId, reasonCode: 0x92 });
  expect(await published).toEqual({ reasonCode: 0 });
});

test("a deadline while it waits to be sent again costs no identifier and no message", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], sendWindow: 3 });
  const first = await broker.next();
  await first.accept();
  const late = [1, 2, 3].map((at) =>
    opened.link.publish(toMessage(`${at}`), { timeoutMs: 300 }).catch(failed),
  );
  const identifiers: unknown[] = [];
  for (const _ of late) identifiers.push((await first.next("publish")).messageId);
  first.destroy();
  const second = await broker.next();
  await second.next("connect");
  const properties = { receiveMaximum: 1 };
  second.send({ cmd: "connack", sessionPresent: true, reasonCode: 0, properties });
  expect(await Promise.all(late)).toEqual(late.map(() => "publish_timeout"));
  for (const identifier of identifiers) {
    const { messageId = 0 } = await second.next("publish");
    expect(messageId).toBe(Number(identifier));
    second.send({ cmd: "puback", messageId });
  }
});

test("a token that can not be sent is told", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], version: 4, token: "t" });
  await (await broker.next()).accept();
  await opened.waitForLine(/WARN - .*does not speak MQTT 5: the token/);
});
