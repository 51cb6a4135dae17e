// For whom the link sends: what an owner that has ended did not send, and who sees the token.

import { expect, test } from "bun:test";
import { openLink, toMessage } from "../kit/open-link.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

test("what has not left when its owner ends never leaves", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], sendWindow: 1 });
  const connection = await broker.next();
  await connection.accept();
  const { link } = opened;
  const owner = { name: "late", isEnded: false };
  const sent = link.publish(toMessage("sent"), { owner });
  const waiting = link.publish(toMessage("waiting"), { owner });
  const other = link.publish(toMessage("other"));
  const { messageId = 0 } = await connection.next("publish");
  owner.isEnded = true;
  connection.send({ cmd: "puback", messageId });
  // What the broker has, it has.
  expect(await sent).toEqual({ reasonCode: 0 });
  expect(await waiting.catch(({ code }) => code)).toBe("run_ended");
  const next = await connection.next("publish");
  expect(String(next.payload)).toBe("other");
  connection.send({ cmd: "puback", messageId: next.messageId ?? 0 });
  await other;
});

test("the token stays below the origin: a topic that the asker chose gets none", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], origin: "plant", token: "secret" });
  const connection = await broker.next();
  await connection.accept();
  const { link } = opened;
  const properties = { userProperties: { name: "value" } };
  void link.publish(toMessage("a", { qos: 0 }));
  void link.publish(toMessage("b", { qos: 0, properties }), { isAbsolute: true });
  void link.publish(toMessage("c", { qos: 0 }), { isAbsolute: true, token: "its own" });
  const tokens: unknown[] = [];
  for (const topic of ["plant/out", "out", "out"]) {
    const packet = await connection.next("publish");
    expect(packet.topic).toBe(topic);
    tokens.push({ ...packet.properties?.userProperties });
  }
  expect(tokens).toEqual([{ token: "secret" }, { name: "value" }, { token: "its own" }]);
});
