// What devices say of their messages stands in headers of answers, and never ends one.

import { expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { publish } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";
import { sendRaw } from "../kit/raw-request.ts";

const HOSTILE = [
  "text/html\r\nX-Injected: 1",
  "text/html\nX-Injected: 1",
  "a\r\n\r\n<script>",
  "\u0001\u007f\u0085",
  "é ü 💥",
  "\u2028\u2029\u202e",
  " ",
  "",
  '"; x="',
  "x".repeat(5_000),
];

async function readAnswer(bridge: Bridge, topic: string) {
  return sendRaw(bridge, "GET", `/topics/${topic}`, { Host: "localhost" });
}

test("as a content type or a user property, and as a name of one", async () => {
  await using bridge = await startBridge();
  await using client = await connectRaw(bridge.mqttPort);
  client.sendPacket(connectPacket(5, "stranger"));
  await client.next("connack");
  for (const [at, text] of HOSTILE.entries()) {
    const properties = { contentType: text, userProperties: { [text]: text, a: text } };
    await publish(client, `hostile/${at}`, { payload: "x", properties });
    const { status, headers, body } = await readAnswer(bridge, `hostile/${at}`);
    expect([text, status, body]).toEqual([text, 200, "x"]);
    expect(headers.has("x-injected")).toBeFalse();
    for (const [, value] of headers) expect(value).toMatch(/^[\x20-\x7e]*$/);
    const json = headers.get("MQTT-User-Properties");
    if (json !== null && text.length < 100) expect(JSON.parse(json).a).toBe(text);
  }
});

test("a topic in the words of a problem", async () => {
  await using bridge = await startBridge();
  for (const path of ["a%0d%0aX-Injected:%201", "a%00", "%c3%a9%f0%9f%92%a5", "%e2%80%ae"]) {
    const { status, headers } = await readAnswer(bridge, path);
    expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    expect(headers.has("x-injected")).toBeFalse();
  }
});
