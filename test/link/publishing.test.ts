// What the link sends: within the broker's limits, never lost, never waiting for ever.

import { expect, test } from "bun:test";
import { findFreePort } from "../../scripts/free-port.ts";
import { openLink, type TestLink, toMessage } from "../kit/open-link.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

test("a publish resolves at its PUBACK, with the broker's reason code", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const published = opened.link.publish(toMessage("a"));
  const { messageId = 0, payload, qos } = await connection.next("publish");
  expect({ text: String(payload), qos }).toEqual({ text: "a", qos: 1 });
  connection.send({ cmd: "puback", messageId, reasonCode: 0x10 });
  expect(await published).toEqual({ reasonCode: 0x10 });
});

test("a PUBACK with a failure rejects with the broker's words", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const published = opened.link.publish(toMessage("a"));
  const { messageId = 0 } = await connection.next("publish");
  connection.send({ cmd: "puback", messageId, reasonCode: 0x97 });
  expect(published).rejects.toThrow("the broker takes no more on 'out' now: Quota exceeded (0x97)");
  await published.catch(() => {});
});

test("never more than the broker's Receive Maximum is unacknowledged", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept({ properties: { receiveMaximum: 5 } });
  const published = Array.from({ length: 20 }, (_, at) => opened.link.publish(toMessage(`${at}`)));
  const texts: string[] = [];
  for (let at = 0; at < 20; at++) {
    const { messageId = 0, payload } = await connection.next("publish");
    texts.push(String(payload));
    // One is taken and not answered yet, so at most four more may be here.
    expect(connection.waiting("publish")).toBeLessThanOrEqual(4);
    connection.send({ cmd: "puback", messageId });
  }
  await Promise.all(published);
  expect(texts).toEqual(Array.from({ length: 20 }, (_, at) => `${at}`));
});

test("our own send window holds where the broker names no limit", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], sendWindow: 3 });
  const connection = await broker.next();
  await connection.accept();
  const published = Array.from({ length: 4 }, (_, at) => opened.link.publish(toMessage(`${at}`)));
  const first = await connection.next("publish");
  await connection.next("publish");
  await connection.next("publish");
  expect(connection.waiting("publish")).toBe(0);
  connection.send({ cmd: "puback", messageId: first.messageId ?? 0 });
  const fourth = await connection.next("publish");
  expect(String(fourth.payload)).toBe("3");
  for (const promise of published) promise.catch(() => {});
});

const LIMITS = [
  {
    connack: { maximumPacketSize: 100 },
    message: { payload: Buffer.alloc(100) },
    code: "packet_too_large",
  },
  { connack: { maximumQoS: 1 }, message: { qos: 2 }, code: "qos_unsupported" },
  { connack: { retainAvailable: false }, message: { retain: true }, code: "retain_unsupported" },
] as const;
for (const { connack, message, code } of LIMITS) {
  test(`${code}: what the broker said in CONNACK that it can not take is not sent`, async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port] });
    const connection = await broker.next();
    await connection.accept({ properties: connack });
    const failed = await opened.link.publish(toMessage("a", message)).catch((error) => error);
    expect(failed.code).toBe(code);
    void opened.link.publish(toMessage("next")).catch(() => {});
    expect(String((await connection.next("publish")).payload)).toBe("next");
  });
}

test("what can not be encoded is refused, and does not cost the connection", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  await connection.accept();
  const properties = { messageExpiryInterval: -1 };
  const failed = await opened.link.publish(toMessage("a", { properties })).catch((error) => error);
  expect(failed.code).toBe("message_invalid");
  void opened.link.publish(toMessage("next")).catch(() => {});
  expect(String((await connection.next("publish")).payload)).toBe("next");
});

test("after a reconnect to the session it is sent again, with DUP and its identifier", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  const published = [opened.link.publish(toMessage("a")), opened.link.publish(toMessage("b"))];
  const [a, b] = [await first.next("publish"), await first.next("publish")];
  first.destroy();

  const second = await broker.next();
  await second.next("connect");
  second.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  for (const sent of [a, b]) {
    const again = await second.next("publish");
    const { messageId = 0, dup, payload } = again;
    expect({ messageId, dup, text: String(payload) }).toEqual({
      messageId: sent.messageId ?? 0,
      dup: true,
      text: String(sent.payload),
    });
    second.send({ cmd: "puback", messageId });
  }
  await Promise.all(published);
});

test("a broker that forgot the session is sent the message as a new one", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  const published = opened.link.publish(toMessage("a"));
  await first.next("publish");
  first.destroy();

  const second = await broker.next();
  await second.accept();
  const { messageId = 0, dup } = await second.next("publish");
  expect(dup).toBeFalse();
  second.send({ cmd: "puback", messageId });
  await published;
});

test("QoS 2: PUBREC is answered with PUBREL, and a new connection goes on from there", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const first = await broker.next();
  await first.accept();
  const published = opened.link.publish(toMessage("a", { qos: 2 }));
  const { messageId = 0 } = await first.next("publish");
  first.send({ cmd: "pubrec", messageId, reasonCode: 0x10 });
  expect((await first.next("pubrel")).messageId).toBe(messageId);
  first.destroy();

  const second = await broker.next();
  await second.next("connect");
  second.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
  expect((await second.next("pubrel")).messageId).toBe(messageId);
  expect(second.waiting("publish")).toBe(0);
  second.send({ cmd: "pubcomp", messageId });
  // PUBCOMP says nothing of subscribers; PUBREC had: there are none.
  expect(await published).toEqual({ reasonCode: 0x10 });
});

test("while the broker is away a publish waits, and gives up at its deadline", async () => {
  await using opened = openLink({ ports: [await findFreePort()] });
  const failed = await opened.link
    .publish(toMessage("a"), { timeoutMs: 50 })
    .catch((error) => error);
  expect(failed.code).toBe("publish_timeout");
  expect(failed.httpStatus).toBe(503);
});

test("what waited for the broker leaves when it is there, in its order, QoS 0 too", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  for (const [at, qos] of ([1, 0, 2] as const).entries()) {
    void opened.link.publish(toMessage(`${at}`, { qos })).catch(() => {});
  }
  const connection = await broker.next();
  await connection.accept();
  for (const text of ["0", "1", "2"]) {
    expect(String((await connection.next("publish")).payload)).toBe(text);
  }
});

test("the queue is bounded in messages and in bytes, for those with a deadline", async () => {
  const timeoutMs = 10_000;
  const ports = [await findFreePort()];
  await using opened = openLink({ ports, outboxMessagesMax: 2 });
  const publish = (target: TestLink, text: string) =>
    target.link.publish(toMessage(text), { timeoutMs }).catch((error) => error.code);
  const waiting = [publish(opened, "a"), publish(opened, "b")];
  expect(await publish(opened, "c")).toBe("outbox_full");
  // A handler's publish waits: its message would be lost otherwise.
  const patient = opened.link.publish(toMessage("d")).catch((error) => error.code);

  await using small = openLink({ ports, outboxBytesMax: 10 });
  expect(await publish(small, "x".repeat(11))).toBe("outbox_full");
  await opened[Symbol.asyncDispose]();
  expect(await Promise.all([...waiting, patient])).toEqual([
    "link_closed",
    "link_closed",
    "link_closed",
  ]);
});

test("closing fails what no broker acknowledged, and what comes later", async () => {
  const opened = openLink({ ports: [await findFreePort()] });
  const waiting = opened.link.publish(toMessage("a")).catch((error) => error.code);
  await opened[Symbol.asyncDispose]();
  expect(await waiting).toBe("link_closed");
  const later = await opened.link.publish(toMessage("b")).catch((error) => error.code);
  expect(later).toBe("link_closed");
  await opened[Symbol.asyncDispose]();
});

test("closing lets the last publish be acknowledged, then says DISCONNECT", async () => {
  await using broker = await startScriptedBroker();
  const opened = openLink({ ports: [broker.port], flushTimeoutMs: 5_000 });
  const connection = await broker.next();
  await connection.accept();
  await opened.link.connected();
  const published = opened.link.publish(toMessage("last"));
  const closing = opened[Symbol.asyncDispose]();
  const { messageId = 0 } = await connection.next("publish");
  connection.send({ cmd: "puback", messageId });
  await Promise.all([published, closing, connection.next("disconnect")]);
});
