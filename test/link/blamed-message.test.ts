// A message that the broker ends the connection over is given up, and all others arrive.

import { expect, test } from "bun:test";
import { openLink, toMessage } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

const failed = (error: { code: string }) => error.code;

/** Acknowledges until the bad one comes, and ends the connection then, as a broker does. */
async function serve(connection: ScriptedConnection, reasonCode: number): Promise<string[]> {
  await connection.accept();
  const got: string[] = [];
  while (true) {
    const { messageId = 0, payload } = await connection.next("publish");
    got.push(String(payload));
    if (String(payload) === "bad") {
      connection.send({ cmd: "disconnect", reasonCode });
      connection.destroy();
      return got;
    }
    connection.send({ cmd: "puback", messageId });
  }
}

test("a message that ends every connection fails, and the others arrive", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const { link } = opened;
  const before = link.publish(toMessage("before"));
  const bad = link.publish(toMessage("bad")).catch(failed);
  const after = link.publish(toMessage("after"));
  const first = await serve(await broker.next(), 0x90);
  expect(first).toEqual(["before", "bad"]);
  await before;
  // What was on the way with it comes alone: the bad one is first.
  expect(await serve(await broker.next(), 0x90)).toEqual(["bad"]);
  expect(await bad).toBe("topic_refused");
  const last = await broker.next();
  await last.accept();
  const { messageId = 0, payload } = await last.next("publish");
  expect(String(payload)).toBe("after");
  last.send({ cmd: "puback", messageId });
  expect(await after).toMatchObject({ reasonCode: 0 });
});

test("a broker that ends connections for another reason loses no message", async () => {
  const SERVER_SHUTTING_DOWN = 0x8b;
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const sent = opened.link.publish(toMessage("bad"));
  for (let round = 0; round < 3; round++) {
    expect(await serve(await broker.next(), SERVER_SHUTTING_DOWN)).toEqual(["bad"]);
  }
  const last = await broker.next();
  await last.accept();
  const { messageId = 0 } = await last.next("publish");
  last.send({ cmd: "puback", messageId });
  expect(await sent).toMatchObject({ reasonCode: 0 });
});

test("what the broker is known not to take is refused before it leaves", async () => {
  await using broker = await startScriptedBroker();
  const topicLimits = { topicBytesMax: 10, topicLevelsMax: 3 };
  await using opened = openLink({ ports: [broker.port], topicLimits });
  const { link } = opened;
  const connection = await broker.next();
  await connection.accept();
  const properties = { payloadFormatIndicator: true };
  const payload = Buffer.of(0xff);
  const codes = await Promise.all([
    link.publish(toMessage("", { topic: "ã/long/ones" })).catch(failed),
    link.publish(toMessage("", { topic: "a/b/c/d" })).catch(failed),
    link.publish(toMessage("", { payload, properties })).catch(failed),
    link.publish(toMessage("", { payload, properties, qos: 0 })).catch(failed),
  ]);
  expect(codes).toEqual(["topic_invalid", "topic_invalid", "payload_refused", "payload_refused"]);
  const fits = link.publish(toMessage("ã", { topic: "ã/b/long", properties }));
  const { messageId = 0, topic } = await connection.next("publish");
  expect(topic).toBe("ã/b/long");
  connection.send({ cmd: "puback", messageId });
  await fits;
});
