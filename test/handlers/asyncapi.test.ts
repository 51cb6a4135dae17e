// /asyncapi.json: valid by AsyncAPI's own parser, for the built-in handler, the starter folder and
// a folder with all that a topic can be.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { buildAsyncApi } from "../../src/handlers/asyncapi-document.ts";
import type { AnyHandler, NamedTopic } from "../../src/topics/handler.ts";
import { toHandlerSet } from "../../src/topics/handler-set.ts";
import { on, t, topic } from "../../src/topics/language.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { makeFolder } from "./folder-maker.ts";

type Document = ReturnType<typeof buildAsyncApi>;
type Parts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const STARTER = join(import.meta.dir, "../../src/starter");
const OPTIONS = {
  title: "a plant",
  origin: "",
  servers: [
    {
      name: "broker",
      host: "broker.local:8883",
      protocol: "secure-mqtt",
      description: "the broker",
      security: ["login", "certificate"],
    },
  ],
  client: {
    clientId: "bridge-1",
    isSessionKept: true,
    sessionExpirySeconds: 60,
    keepaliveSeconds: 30,
    statusTopic: "viaduto/bridge-1/status",
  },
} as const;

function build(
  handlers: readonly AnyHandler[],
  topics: readonly NamedTopic[] = [],
  origin = "",
): Document {
  return buildAsyncApi({ ...toHandlerSet(handlers), topics }, { ...OPTIONS, origin });
}

async function fetchFrom({ url }: Bridge): Promise<Document> {
  return (await (await fetch(`${url}/asyncapi.json`)).json()) as Document;
}

async function expectValid(document: object): Promise<void> {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  // 0 is an error; what only is good manners, such as an id, has another number.
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  expect(errors.map(({ path, message }) => `${path.join("/")}: ${message}`)).toEqual([]);
}

const toParts = (part: object) => part as Parts;
const payloadOf = ({ components }: Document, key: string) => components.schemas[key];
const listAddresses = ({ channels }: Document) => {
  return Object.values(toParts(channels)).map(({ address }) => address);
};

describe("is valid", () => {
  test("for the built-in handler, and has what it publishes", async () => {
    await using bridge = await startBridge();
    const document = await fetchFrom(bridge);
    await expectValid(document);
    expect(listAddresses(document)).toEqual(["devices/update", "devices/update/status/{ticket}"]);
    const operations = Object.values(toParts(document.operations));
    expect(operations.map(({ action }) => action)).toEqual(["receive", "send"]);
    const host = `127.0.0.1:${bridge.mqttPort}`;
    expect(toParts(document.servers).tcp).toMatchObject({ host, protocol: "mqtt", security: [] });
    const yaml = await (await fetch(`${bridge.url}/asyncapi.yaml`)).text();
    expect(Bun.YAML.parse(yaml)).toEqual(document);
  });

  test("for the starter folder, file by file", async () => {
    const read = (file: string) => readFileSync(join(STARTER, file), "utf8");
    const files = { "echo.ts": read("echo.ts"), "room-state.ts": read("room-state.ts") };
    await using made = makeFolder(files);
    await using bridge = await startBridge({ flags: ["--handlers", made.path] });
    const document = await fetchFrom(bridge);
    await expectValid(document);
    const tagged = Object.values(toParts(document.operations)).map(({ action, tags }) => {
      return [action, (tags as { name: string }[])[0]?.name];
    });
    expect(tagged).toEqual([
      ["receive", "echo.ts"],
      ["receive", "room-state.ts"],
      ["send", "echo.ts"],
      ["send", "room-state.ts"],
    ]);
  });

  test("for every validator, wildcard, content and reply", async () => {
    const document = build(...makeEverything());
    await expectValid(document);
    expect(listAddresses(document).slice(0, 3)).toEqual([
      "plant/ä b/a/{level2}/{rest}",
      "plant/ä b/{rest}",
      "plant/ä b/text/{name}",
    ]);
    expect(toParts(document.operations)["receive-a_rest"]).toMatchObject({
      description: expect.stringContaining("Not for what this bridge has published itself."),
      bindings: { mqtt: { qos: 2 } },
    });
    expect(Object.keys(toParts(document.channels).ask?.messages as object)).toHaveLength(2);
    expect(payloadOf(document, "all")).toEqual({ type: "string", format: "binary" });
    expect(payloadOf(document, "zod")).toMatchObject({
      properties: { under: { items: { $ref: "#/components/schemas/zod" } } },
    });
    expect(payloadOf(document, "arktype")).toMatchObject({ required: ["a"] });
  });
});

function makeEverything(): [readonly AnyHandler[], readonly NamedTopic[], string] {
  const converted = topic("units/{unit}/reply", { payload: t.Object({ celsius: t.Number() }) });
  const Tree = t.Recursive((This) => t.Object({ name: t.String(), under: t.Array(This) }));
  const Node: z.ZodType = z.object({
    name: z.string(),
    get under() {
      return z.array(Node);
    },
  });
  const nothing = () => {};
  const handlers = [
    on(topic("a/+/{rest...}", { payload: Tree }), nothing, { qos: 2, noLocal: true }),
    on(topic("#", { content: "bytes" }), nothing, { retained: "new" }),
    on(topic("text/{name}", { content: "text" }), nothing),
    on(topic("zod", { payload: Node }), nothing),
    on(topic("date", { payload: z.date() }), nothing),
    on(topic("valibot", { payload: v.object({ a: v.string() }) }), nothing),
    on(topic("arktype", { payload: type({ a: "string" }) }), nothing),
    on(topic("units/{unit}", { payload: t.Object({}), reply: converted }), nothing),
    on(topic("ask", { reply: t.Object({ ok: t.Boolean() }) }), nothing),
    on(topic("ask", { payload: t.Literal("another payload") }), nothing),
  ];
  return [handlers, [{ name: "converted", topic: converted }], "plant/ä b"];
}

test("the parser would tell what is wrong", async () => {
  const document = build([on(topic("a"), () => {})]);
  await expect(expectValid({ ...document, channels: {} })).rejects.toThrow();
});

test("follows the files that are loaded", async () => {
  const write = (name: string) => `import { on, topic } from "viaduto";
export const other = topic("${name}/sent");
export default on(topic("${name}"), () => {});
`;
  await using made = makeFolder({ "one.ts": write("one") });
  await using bridge = await startBridge({ flags: ["--handlers", made.path, "--watch"] });
  made.write({ "one.ts": write("two") });
  await bridge.waitForLine(/loaded one.ts again/);
  expect(listAddresses(await fetchFrom(bridge))).toEqual(["two", "two/sent"]);
});

test("a reply goes where the request says, or to the declared topic", () => {
  const declared = topic("to/{id}", { payload: t.Number() });
  const { operations, channels } = build([
    on(topic("one", { reply: t.String() }), () => "x"),
    on(topic("two", { reply: declared }), () => 1),
    on(topic("three"), () => {}),
  ]);
  const [one, two, three] = Object.values(toParts(operations)).map(({ reply }) => reply);
  expect(one).toMatchObject({
    address: { location: "$message.header#/responseTopic" },
    channel: { $ref: "#/channels/one-reply" },
  });
  expect(toParts(channels)["one-reply"]?.address).toBeNull();
  expect(two).toMatchObject({ channel: { $ref: "#/channels/to_id" } });
  expect(three).toBeUndefined();
});

test("a recursive schema leads to itself within the document", () => {
  const Tree = t.Recursive((This) => t.Object({ under: t.Array(This) }));
  const document = build([on(topic("tree", { payload: Tree }), () => {})]);
  const items = { $ref: "#/components/schemas/tree" };
  expect(payloadOf(document, "tree")).toMatchObject({ properties: { under: { items } } });
});

test("a validator that tells no schema is named, and takes everything", () => {
  const payload = v.object({ a: v.string() });
  const document = build([on(topic("v", { payload }), () => {})]);
  expect(payloadOf(document, "v")).toEqual({
    description: "checked by a validator of valibot, which tells no JSON Schema",
  });
});

test("an external broker's login is not in it", async () => {
  const flags = ["--broker", "ws://ana:s3cret@127.0.0.1:9/mqtt?key=s3cret"];
  await using bridge = await startBridge({ flags });
  const document = await fetchFrom(bridge);
  await expectValid(document);
  expect(JSON.stringify(document)).not.toMatch(/s3cret|ana\b/);
  expect(toParts(document.servers).broker).toMatchObject({
    host: "127.0.0.1:9",
    protocol: "ws",
    pathname: "/mqtt",
    security: [{ $ref: "#/components/securitySchemes/login" }],
  });
});
