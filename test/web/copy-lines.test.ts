// A message as a line that publishes it again, run by a real shell with mosquitto_pub and curl:
// what arrives is what was sent, byte by byte, whatever a stranger has put into it.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { topic } from "../../src/viaduto.ts";
import type { MessageJson } from "../../src/web/live/bridge-answers.ts";
import {
  type SentMessage,
  toMosquittoLine,
  toPublishCurl,
} from "../../src/web/message/copy-lines.ts";
import { toEncoded } from "../../src/web/message/payload-kind.ts";
import { isPlain } from "../../src/web/message/shell-words.ts";
import { toTypeScript } from "../../src/web/message/typescript-lines.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const TIMEOUT_MS = 30_000;
const EVIL = `'; touch /tmp/x; "$(id)" \`id\` $HOME \\ %s %n !! ~ * # & | > <`;
const PAYLOADS = {
  quotes: `it's "so"`,
  shell: EVIL,
  lines: "one\ntwo\n\n",
  option: "-h evil",
  file: "@/etc/passwd",
  equals: "=ls",
  terminal: "\u001b[201~rm -rf\r\n\u0000\u0007\u009b",
  unicode: "ünïcödé 🚀 \u202e",
  long: "ab'".repeat(20_000),
  empty: "",
  numbers: '{"big": 12345678901234567890, "e": 1.50}',
} as const;
const BYTES = Uint8Array.from({ length: 256 }, (_, at) => at);
const PROPERTIES = {
  content_type: "text/plain; charset='x'",
  response_topic: "replies/a b",
  correlation_data: "it's 5",
  message_expiry_interval: 600,
  payload_format_indicator: 0,
  user_properties: { [EVIL]: EVIL, twice: ["1", "2"], control: "a\u001b[2J%d\\b" },
} as const;

type Line = (message: SentMessage, bridge: Bridge) => string;
const LINES: Readonly<Record<string, Line>> = {
  mosquitto_pub: (message, { mqttPort }) => {
    return toMosquittoLine(message, `-h 127.0.0.1 -p ${mqttPort}`);
  },
  curl: (message, { url }) => toPublishCurl(message, `${url}/`),
};

describeIf(["mosquitto_pub", "curl"], "a line to copy", () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterAll(() => bridge[Symbol.asyncDispose]());

  /** Runs the line, and gives the message that came of it. */
  async function publishBy(toLine: Line, message: SentMessage): Promise<MessageJson> {
    const line = toLine(message, bridge);
    expect(isPlain(line)).toBe(true);
    const ran = await run("sh", ["-eu"], { stdin: `${line}\n`, timeoutMs: TIMEOUT_MS });
    if (ran.exitCode !== 0) throw new Error(`exit ${ran.exitCode}: ${ran.stderr}`);
    const filter = encodeURIComponent(message.topic);
    const answer = await fetch(`${bridge.url}/history?filter=${filter}&limit=1`);
    const { messages } = (await answer.json()) as { messages: MessageJson[] };
    const [found] = messages;
    if (!found) throw new Error(`nothing came of ${line.slice(0, 200)}: ${ran.stdout}`);
    return found;
  }

  test.each(Object.keys(LINES).flatMap((tool) => Object.keys(PAYLOADS).map((n) => [tool, n])))(
    "of %s sends a payload of %s as it was",
    async (tool, name) => {
      const payload = PAYLOADS[name as keyof typeof PAYLOADS];
      const head = { topic: `${tool}/${name}`, qos: 1, retain: false } as const;
      const message = { ...head, payload, payload_encoding: "plain" } as const;
      const toLine = LINES[tool] ?? LINES.curl;
      if (!toLine) throw new Error(tool);
      expect(await publishBy(toLine, message)).toMatchObject(message);
    },
    TIMEOUT_MS,
  );

  test.each(Object.entries(LINES))(
    "of %s sends bytes, retained, on a hostile topic, with all properties",
    async (tool, toLine) => {
      const message = {
        ...toEncoded(BYTES),
        topic: `${tool}/a b/'"$(id)\`?%41{x}[1-3]/ü/`,
        qos: 2,
        retain: true,
        properties: PROPERTIES,
      };
      const { payload_encoding, payload, qos, retain, properties } = await publishBy(
        toLine,
        message,
      );
      const { response_topic, content_type, user_properties, ...others } = properties ?? {};
      expect([payload_encoding, payload, qos]).toEqual(["base64", message.payload, 2]);
      // To those who had subscribed before, a broker sends it as not retained [MQTT-3.3.1-12].
      expect(typeof retain).toBe("boolean");
      expect({ response_topic, content_type }).toEqual({
        response_topic: PROPERTIES.response_topic,
        content_type: PROPERTIES.content_type,
      });
      expect(user_properties).toMatchObject(PROPERTIES.user_properties);
      expect(others.correlation_data).toBe(PROPERTIES.correlation_data);
      expect(others.payload_format_indicator).toBe(0);
      // The broker counts it down by itself, and tells the bridge nothing of it.
      expect(toLine(message, bridge)).toMatch(/message.expiry.interval.600/);
    },
    TIMEOUT_MS,
  );

  test(
    "of curl reaches a topic whose levels are dots",
    async () => {
      const message = {
        topic: "a/../b/./c",
        payload: EVIL,
        payload_encoding: "plain",
        qos: 1,
        retain: false,
      } as const;
      const toLine: Line = (one, { url }) => toPublishCurl(one, `${url}/`);
      expect(await publishBy(toLine, message)).toMatchObject(message);
    },
    TIMEOUT_MS,
  );
});

test.each(Object.entries({ ...PAYLOADS, json: '{"a":[1,"\\u2028"]}', proto: '{"__proto__":1}' }))(
  "the lines of TypeScript publish a payload of %s as it was",
  async (name, payload) => {
    const properties = { ...PROPERTIES, correlation_data: "/w==" };
    const sent = await runTypeScript({
      topic: name === "shell" ? "a/{b}/{c...}" : `a/${name}`,
      payload,
      payload_encoding: "plain",
      qos: 0,
      retain: true,
      properties: { ...properties, correlation_data_encoding: "base64" },
    });
    expect(sent.payload).toBe(payload);
    expect(sent.topic).toBe(name === "shell" ? "a/{b}/{c...}" : `a/${name}`);
    expect(sent.options).toEqual({
      qos: 0,
      retain: true,
      properties: {
        contentType: PROPERTIES.content_type,
        responseTopic: PROPERTIES.response_topic,
        correlationData: Buffer.from([255]),
        messageExpiryInterval: 600,
        payloadFormatIndicator: false,
        userProperties: PROPERTIES.user_properties as never,
      },
    });
  },
);

test("the lines of TypeScript publish bytes", async () => {
  const encoded = toEncoded(BYTES);
  const sent = await runTypeScript({ ...encoded, topic: "a", qos: 1, retain: false });
  expect(sent).toEqual({ topic: "a", payload: Buffer.from(BYTES).toString(), options: undefined });
});

type Published = { topic: string; payload: string; options: unknown };

/** Runs the lines with the product's own `topic`, and what it would send. */
async function runTypeScript(message: SentMessage): Promise<Published> {
  const lines = toTypeScript(message).replace(/^import .*\n/, "");
  const published: Published[] = [];
  const publish = (to: ReturnType<typeof topic>, ...rest: unknown[]) => {
    const params = to.pattern.text.includes("{") ? (rest.shift() as { all: string }) : undefined;
    const [value, options] = rest;
    const payload = Buffer.from(to.codec.encode(value as never)).toString();
    published.push({ topic: params?.all ?? to.pattern.text, payload, options });
  };
  await new Function("topic", "publish", `return (async () => {\n${lines}\n})()`)(topic, publish);
  const [first] = published;
  if (!first) throw new Error("nothing was published");
  return first;
}
