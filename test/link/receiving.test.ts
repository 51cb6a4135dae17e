// What the link receives: handed out once, acknowledged in order and only when it is done.

import { expect, test } from "bun:test";
import { openLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

function deliver(
  connection: ScriptedConnection,
  messageId: number,
  options: { qos?: 0 | 1 | 2; dup?: boolean; text?: string } = {},
): void {
  const { qos = 1, dup = false, text = `message ${messageId}` } = options;
  const packet = { cmd: "publish", topic: "in/a", payload: text, qos, dup, retain: false } as const;
  connection.send(qos === 0 ? packet : { ...packet, messageId });
}

test("PUBACKs leave in the order of arrival, whatever is done first [MQTT-4.6.0-2]", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  for (const messageId of [11, 12, 13]) deliver(connection, messageId);
  const messages = opened.link.messages();
  const [first, second, third] = [
    (await messages.next()).value,
    (await messages.next()).value,
    (await messages.next()).value,
  ];
  third.done();
  second.done();
  second.done();
  expect(connection.waiting("puback")).toBe(0);
  first.done();
  for (const messageId of [11, 12, 13]) {
    expect((await connection.next("puback")).messageId).toBe(messageId);
  }
});

test("QoS 2 is acknowledged with PUBREC after it is done, and not handed out twice", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  deliver(connection, 7, { qos: 2 });
  const messages = opened.link.messages();
  const { value } = await messages.next();
  expect(connection.waiting("pubrec")).toBe(0);
  value.done();
  expect((await connection.next("pubrec")).messageId).toBe(7);
  // The PUBREC was lost: the broker sends the message again.
  deliver(connection, 7, { qos: 2, dup: true });
  expect((await connection.next("pubrec")).messageId).toBe(7);
  connection.send({ cmd: "pubrel", messageId: 7 });
  expect((await connection.next("pubcomp")).messageId).toBe(7);
  // Released: the identifier is free for another message.
  deliver(connection, 7, { qos: 2, text: "another" });
  expect(String((await messages.next()).value.message.payload)).toBe("another");
});

for (const version of [5, 4] as const) {
  test(`QoS 2 waits for the handler in MQTT version ${version} too`, async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], version });
    const connection = await broker.next();
    await connection.accept();
    deliver(connection, 7, { qos: 2 });
    deliver(connection, 8, { qos: 1 });
    const messages = opened.link.messages();
    const [first, second] = [(await messages.next()).value, (await messages.next()).value];
    second.done();
    expect(connection.waiting("pubrec") + connection.waiting("puback")).toBe(0);
    first.done();
    expect((await connection.next("pubrec")).messageId).toBe(7);
    expect((await connection.next("puback")).messageId).toBe(8);
  });
}

test("a resumed session's messages, sent before SUBSCRIBE, are handled", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.next("connect");
  connection.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  deliver(connection, 3, { dup: true });
  const { value } = await opened.link.messages().next();
  value.done();
  expect((await connection.next("puback")).messageId).toBe(3);
});

test("what comes again while it is still being handled is not handled twice", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  deliver(first, 1);
  deliver(first, 2);
  const messages = opened.link.messages();
  const [one, two] = [(await messages.next()).value, (await messages.next()).value];
  first.destroy();
  two.done();

  const second = await broker.next();
  await second.next("connect");
  second.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  deliver(second, 1, { dup: true });
  deliver(second, 2, { dup: true });
  deliver(second, 3);
  const { value: three } = await messages.next();
  expect(String(three.message.payload)).toBe("message 3");
  one.done();
  three.done();
  for (const messageId of [1, 2, 3]) {
    expect((await second.next("puback")).messageId).toBe(messageId);
  }
});

test("a new session's message under an old identifier is another message", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  deliver(first, 1);
  const messages = opened.link.messages();
  const { value: before } = await messages.next();
  first.destroy();

  const second = await broker.next();
  await second.accept();
  before.done();
  deliver(second, 1, { text: "new" });
  const { value: after } = await messages.next();
  expect(String(after.message.payload)).toBe("new");
  expect(second.waiting("puback")).toBe(0);
  after.done();
  await second.next("puback");
});

test("CONNECT names the Receive Maximum; QoS 0 beyond the inbox is left out, counted", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], inboxMessagesMax: 2 });
  const connection = await broker.next();
  const connect = await connection.accept();
  expect(connect.properties?.receiveMaximum).toBe(2);
  for (const text of ["a", "b", "c", "d"]) deliver(connection, 0, { qos: 0, text });
  deliver(connection, 9);
  const messages = opened.link.messages();
  const texts: string[] = [];
  for (let count = 0; count < 3; count++) {
    const { value } = await messages.next();
    texts.push(String(value.message.payload));
    value.done();
  }
  expect(texts).toEqual(["a", "b", "message 9"]);
  deliver(connection, 0, { qos: 0, text: "e" });
  await messages.next();
  await opened.waitForLine(/WARN - handlers do not keep up: QoS 0 messages are left out/);
  await opened.waitForLine(/WARN - 2 QoS 0 messages were left out/);
});
