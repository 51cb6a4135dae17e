// A broker that is connected and does not answer SUBSCRIBE or UNSUBSCRIBE, packet by packet.

import { expect, test } from "bun:test";
import { openLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

const HASTY = { connectTimeoutMs: 300 } as const;
const OTHER = { filter: "other", qos: 1, retained: "ignore" } as const;
const CONNACK = { cmd: "connack", sessionPresent: false, reasonCode: 0 } as const;

/** Answers SUBSCRIBE with yes, and has UNSUBSCRIBE wait. */
async function grant(connection: ScriptedConnection): Promise<void> {
  const { messageId = 0, subscriptions } = await connection.next("subscribe");
  connection.send({ cmd: "suback", messageId, granted: subscriptions.map(({ qos }) => qos) });
}

test("a first SUBACK that does not come is told, and the connection is made anew", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], ...HASTY });
  const silent = await broker.next();
  await silent.next("connect");
  silent.send(CONNACK);
  await silent.next("subscribe");
  await silent.closed;
  await opened.waitForLine(/WARN - .*did not answer SUBSCRIBE/);
  await (await broker.next()).accept();
  await opened.link.connected();
});

test("a change that gets no SUBACK ends, and is made on the next connection", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], ...HASTY });
  const silent = await broker.next();
  await silent.accept();
  await opened.link.connected();
  await opened.link.setSubscriptions([OTHER]);
  await opened.waitForLine(/did not answer SUBSCRIBE/);
  const connection = await broker.next();
  await connection.next("connect");
  connection.send(CONNACK);
  const { subscriptions } = await connection.next("subscribe");
  expect(subscriptions).toMatchObject([{ topic: "other" }]);
});

test("an UNSUBACK that does not come ends the connection too", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], ...HASTY });
  const silent = await broker.next();
  await silent.accept();
  await opened.link.connected();
  const changed = opened.link.setSubscriptions([OTHER]);
  await grant(silent);
  await changed;
  await opened.waitForLine(/did not answer UNSUBSCRIBE/);
});

test("a stop does not wait for an answer", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], connectTimeoutMs: 3_600_000 });
  const silent = await broker.next();
  await silent.accept();
  await opened.link.connected();
  const changed = opened.link.setSubscriptions([OTHER]);
  await silent.next("subscribe");
  await opened.link[Symbol.asyncDispose]();
  await changed;
});
