// A bridge that stops while devices send, handlers run and files are loaded.

import { expect, test } from "bun:test";
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { on } from "../../src/topics/handler.ts";
import { topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { connectDevice } from "../kit/device.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

const work = topic("work", { content: "text" });
const answer = topic("answer", { content: "text" });
const NEVER_MS = "3600000";

/** A handler of `work` that waits for the gate, answers, and notes what it got. */
function createWorker() {
  const gate = Promise.withResolvers<void>();
  const texts: string[] = [];
  const handler = on(work, async ({ payload, publish }) => {
    await gate.promise;
    texts.push(payload);
    await publish(answer, payload);
  });
  return { handler, texts, open: gate.resolve };
}

function handlerFile(filter: string): string {
  return `import { on, topic } from "viaduto";\nexport default on(topic("${filter}"), () => {});\n`;
}

test("what a device sends while handlers finish is not acknowledged, but is answered", async () => {
  const { handler, texts, open } = createWorker();
  const bridge = await startBridge({ handlers: [handler] });
  await using device = await connectDevice(bridge.mqttPort, "answer", { reconnectPeriod: 0 });
  await device.send("work", "early");
  await bridge.waitForLine(/work -> early/);
  const closing = bridge[Symbol.asyncDispose]();
  const late = [1, 2].map((qos) => device.send("work", "late", { qos: qos as 1 | 2 }));
  const outcomes = Promise.all(
    late.map((sent) =>
      sent.then(
        () => "taken",
        () => "not taken",
      ),
    ),
  );
  open();
  await device.waitForCount(1);
  await closing;
  await device.client.endAsync(true);
  expect(await outcomes).toEqual(["not taken", "not taken"]);
  expect(texts).toEqual(["early"]);
  expect(bridge.lines.join("\n")).not.toContain("WARN");
});

test("a device that waits for room when the bridge stops is not acknowledged either", async () => {
  const { handler, texts, open } = createWorker();
  const flags = ["--inbox-messages-max", "2"];
  const bridge = await startBridge({ handlers: [handler], flags });
  await using device = await connectDevice(bridge.mqttPort, undefined, { reconnectPeriod: 0 });
  const taken: number[] = [];
  const sending = (async () => {
    for (let at = 0; at < 10; at++) {
      await device.send("work", `${at}`);
      taken.push(at);
    }
  })().catch(() => {}); // The last one has no answer.
  await bridge.waitForLine(/work -> 1/);
  const closing = bridge[Symbol.asyncDispose]();
  open();
  await closing;
  await device.client.endAsync(true);
  await sending;
  expect(texts).toEqual(taken.map(String));
  expect(taken.length).toBeLessThan(10);
});

test("nobody new comes in while handlers finish", async () => {
  const { handler, open } = createWorker();
  const bridge = await startBridge({ handlers: [handler] });
  await using device = await connectDevice(bridge.mqttPort);
  await device.send("work", "early");
  await bridge.waitForLine(/work -> early/);
  const closing = bridge[Symbol.asyncDispose]();
  const socket = createConnection(bridge.mqttPort, "127.0.0.1");
  const [error] = await once(socket, "error");
  expect(error.code).toBe("ECONNREFUSED");
  open();
  await closing;
});

test("what one handler publishes to another is handled before the end", async () => {
  const { handler, open } = createWorker();
  const heard: string[] = [];
  const listener = on(answer, ({ payload }) => void heard.push(payload));
  const bridge = await startBridge({ handlers: [handler, listener] });
  await using device = await connectDevice(bridge.mqttPort);
  await device.send("work", "early");
  await bridge.waitForLine(/work -> early/);
  const closing = bridge[Symbol.asyncDispose]();
  open();
  await closing;
  expect(heard).toEqual(["early"]);
});

test("what the embedded broker loses because handlers hang is told", async () => {
  const { handler, open } = createWorker();
  const flags = ["--stop-timeout", "50"];
  const bridge = await startBridge({ handlers: [handler], flags });
  await using device = await connectDevice(bridge.mqttPort);
  for (const text of ["1", "2", "3"]) await device.send("work", text);
  await bridge.waitForLine(/work -> 3/);
  await bridge[Symbol.asyncDispose]();
  await bridge.waitForLine(/WARN - handlers still run after 50 ms$/);
  await bridge.waitForLine(
    /WARN - 3 messages were not handled, and the embedded broker keeps none/,
  );
  open();
});

test("a reload that the broker does not answer holds up no stop", async () => {
  await using folder = await makeFolder();
  await Bun.write(join(folder.path, "a.ts"), handlerFile("a"));
  await using broker = await startScriptedBroker();
  const where = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--will", "off"];
  const watching = ["--handlers", folder.path, "--watch", "--connect-timeout", NEVER_MS];
  const bridge = await startBridge({ flags: [...where, ...watching] });
  const connection = await broker.next();
  await connection.accept();
  await bridge.waitForLine(/connected to/);
  await Bun.write(join(folder.path, "b.ts"), handlerFile("b"));
  await connection.next("subscribe");
  await bridge[Symbol.asyncDispose]();
});

test("a file that hangs while it is loaded holds up no stop", async () => {
  await using folder = await makeFolder();
  const started = Promise.withResolvers<void>();
  Object.assign(globalThis, { hangingFileStarted: started.resolve });
  await Bun.write(join(folder.path, "a.ts"), handlerFile("a"));
  const flags = ["--handlers", folder.path, "--watch", "--handler-load-timeout", NEVER_MS];
  const bridge = await startBridge({ flags });
  const hanging = "globalThis.hangingFileStarted();\nawait new Promise(() => {});\n";
  await Bun.write(join(folder.path, "b.ts"), `${hanging}export default 1;\n`);
  await started.promise;
  await bridge[Symbol.asyncDispose]();
});
