// /retained over real sockets, at every kind of broker: see, delete, put back.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connectDevice } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { PLACES, type RetainedBridge, startRetainedBridge } from "../kit/retained-broker.ts";
import { describeIf } from "../kit/suites.ts";

type Json = Readonly<Record<string, unknown>>;
type Message = Json & { readonly topic: string; readonly payload: string };
type Page = Json & { readonly messages: readonly Message[]; readonly next?: string };

const BYTES = Buffer.from([0, 255, 254, 1]);
const PROPERTIES = {
  contentType: "text/x",
  responseTopic: "r/t",
  correlationData: BYTES,
  payloadFormatIndicator: false,
  userProperties: { a: ["1", "2"], b: "3" },
};
const SHOWN = {
  content_type: "text/x",
  response_topic: "r/t",
  correlation_data: BYTES.toString("base64"),
  correlation_data_encoding: "base64",
  payload_format_indicator: 0,
  user_properties: { a: ["1", "2"], b: "3" },
};

let on: RetainedBridge;

async function list(query: string): Promise<Page> {
  const answer = await on.ask(query);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
}
async function change(method: "DELETE" | "POST", query: string, body?: string): Promise<Json> {
  const answer = await on.ask(query, { method, ...(body !== undefined && { body }) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Json;
}
const toTopics = ({ messages }: Page) => messages.map(({ topic }) => topic);
const retain = (topic: string, payload: string | Buffer, more: object = {}) => {
  return on.device.client.publishAsync(topic, payload, { qos: 1, retain: true, ...more });
};

for (const [name, needs, flags] of PLACES) {
  describeIf(needs, `at ${name}`, () => {
    const isEmbedded = needs.length === 0;
    const isOld = flags.length > 0;
    const completeness = isEmbedded ? "complete" : "likely";
    beforeAll(async () => {
      on = await startRetainedBridge(needs, flags);
    });
    afterAll(() => on[Symbol.asyncDispose]());

    test("GET has payload, QoS, properties and size, in the order of the topics", async () => {
      await retain("get/text", "21.5", { qos: 2 });
      await retain("get/bytes", BYTES, { qos: 0, properties: PROPERTIES });
      await retain("get/all", "x", { properties: { messageExpiryInterval: 1000 } });
      await on.device.send("get/live", "is not retained");
      const page = await list("?filter=get/%23");
      expect(page).toMatchObject({ total: 3, completeness });
      expect(toTopics(page)).toEqual(["get/all", "get/bytes", "get/text"]);
      const [all, bytes, text] = page.messages;
      expect(text).toMatchObject({
        payload: "21.5",
        payload_encoding: "plain",
        payload_bytes: 4,
        qos: 2,
        retain: true,
      });
      expect(bytes).toMatchObject({
        payload: BYTES.toString("base64"),
        payload_encoding: "base64",
        qos: 0,
      });
      expect(bytes?.properties).toEqual(isOld ? undefined : SHOWN);
      const expiry = (all?.properties as Json | undefined)?.message_expiry_interval ?? 1000;
      expect(Number(expiry)).toBeWithin(900, 1001);
      expect(page.reason !== undefined).toBe(!isEmbedded);
    });

    test("GET knows the time of what the bridge has seen", async () => {
      const startedAtMs = Date.now();
      await fetch(`${on.bridge.url}/topics/time/a?retain=true`, { method: "PUT", body: "1" });
      const [message] = (await list("?filter=time/a")).messages;
      expect(Date.parse(String(message?.at))).toBeWithin(startedAtMs - 1, Date.now() + 1);
    });

    test("GET has pages, and NDJSON has all", async () => {
      for (const number of [1, 2, 3]) await retain(`page/${number}`, `${number}`);
      const first = await list("?filter=page/%2B&limit=2");
      expect([toTopics(first), first.next]).toEqual([["page/1", "page/2"], "page/2"]);
      const second = await list("?filter=page/%2B&limit=2&after=page/2");
      expect([toTopics(second), second.next]).toEqual([["page/3"], undefined]);
      const headers = { Accept: "application/x-ndjson" };
      const lines = await on.ask("?filter=page/%2B", { headers });
      expect(lines.headers.get("Content-Type")).toBe("application/x-ndjson");
      expect(lines.headers.get("Retained-Total")).toBe("3");
      expect(lines.headers.get("Retained-Completeness")).toBe(completeness);
      const messages = (await lines.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(messages.map(({ payload }: Message) => payload)).toEqual(["1", "2", "3"]);
    });

    test("GET cuts payloads when asked to, and marks them", async () => {
      await retain("cut/a", "é and more");
      const [message] = (await list("?filter=cut/a&payload_bytes=1")).messages;
      expect(message).toMatchObject({ payload: "", payload_bytes: 11, payload_cut: true });
      const [whole] = (await list("?filter=cut/a&payload_bytes=11")).messages;
      expect(whole?.payload).toBe("é and more");
      expect(whole).not.toHaveProperty("payload_cut");
    });

    test("a wildcard finds nothing of $SYS, a filter with $ does", async () => {
      expect(toTopics(await list("?limit=10000")).filter((topic) => /^\$/.test(topic))).toEqual([]);
      const sys = await list("?filter=%24SYS/broker/version");
      expect(toTopics(sys)).toEqual(["$SYS/broker/version"]);
      const refused = await change("DELETE", "?filter=%24SYS/broker/version");
      // Mosquitto takes the message, and keeps its own figure all the same.
      if (isEmbedded) {
        expect(refused).toMatchObject({ matched: 1, deleted: 0, refused: 1 });
        expect(refused.refusals).toMatchObject([{ code: "publish_refused", count: 1 }]);
      }
      expect(toTopics(await list("?filter=%24SYS/broker/version"))).toHaveLength(1);
    });

    test("DELETE counts first, then deletes, and POST puts all back as it was", async () => {
      const properties = { ...PROPERTIES, messageExpiryInterval: 5000 };
      await retain("undo/a", BYTES, { qos: 2, properties });
      await retain("undo/b/c", "text");
      await retain("other", "stays");
      const before = await list("?filter=undo/%23");
      const dry = await change("DELETE", "?filter=undo/%23&dry_run=true");
      const counted = { matched: 2, deletable: 2, refused: 0, left: 0, refusals: [], completeness };
      const examples = ["undo/a", "undo/b/c"];
      expect(dry).toMatchObject({ dry_run: true, deleted: 0, ...counted, examples });
      expect(toTopics(await list("?filter=undo/%23"))).toHaveLength(2);
      await using watcher = await connectDevice(on.device.client.options.port ?? 0, "undo/#");
      await watcher.waitForCount(2);
      const deleted = await change("DELETE", "?filter=undo/%23");
      expect(deleted).toMatchObject({ dry_run: false, deleted: 2, ...counted, examples });
      expect((await watcher.waitForCount(4)).slice(2).map(({ text }) => text)).toEqual(["", ""]);
      expect(await list("?filter=undo/%23")).toMatchObject({ messages: [], total: 0 });
      expect(toTopics(await list("?filter=other"))).toEqual(["other"]);

      const restored = await change("POST", "", JSON.stringify(before));
      expect(restored).toMatchObject({ restored: 2, kept: 0, refused: 0, left: 0, refusals: [] });
      const { messages } = await list("?filter=undo/%23");
      const withoutTime = ({ at: _at, properties: shown, ...message }: Message) => {
        const { message_expiry_interval: seconds = 5000, ...others } = (shown ?? {}) as Json;
        expect(Number(seconds)).toBeWithin(4900, 5001);
        return { ...message, others };
      };
      expect(messages.map(withoutTime)).toEqual(before.messages.map(withoutTime));
    });

    test("DELETE takes no more than the limit, and says what is left", async () => {
      for (const number of [1, 2, 3]) await retain(`limit/${number}`, "x");
      const some = await change("DELETE", "?filter=limit/%23&limit=2");
      expect(some).toMatchObject({ matched: 3, deleted: 2, left: 1 });
      expect(toTopics(await list("?filter=limit/%23"))).toEqual(["limit/3"]);
    });

    test("DELETE leaves the bridge's own status, unless it is named", async () => {
      const status = toTopics(await list("?filter=viaduto/%2B/status"))[0] ?? "";
      expect(status).toStartWith("viaduto/bridge-");
      const all = await change("DELETE", "?filter=viaduto/%23");
      expect(all).toMatchObject({ matched: 0, deleted: 0 });
      const named = `?filter=${encodeURIComponent(status)}&dry_run=true`;
      expect(await change("DELETE", named)).toMatchObject({ matched: 1, deletable: 1 });
    });

    test("POST keeps what has come meanwhile, unless it may overwrite it", async () => {
      await retain("meanwhile/a", "new");
      const body = ["a", "b"].map((name) => {
        return JSON.stringify({ topic: `meanwhile/${name}`, payload: "old", qos: 1 });
      });
      const lines = `${body.join("\n")}\n\n`;
      const kept = await change("POST", "", lines);
      expect(kept).toMatchObject({ restored: 1, kept: 1, kept_topics: ["meanwhile/a"] });
      const read = async () => (await list("?filter=meanwhile/%2B")).messages;
      expect((await read()).map(({ payload }) => payload)).toEqual(["new", "old"]);
      const over = await change("POST", "?overwrite=true", `[${body.join()}]`);
      expect(over).toMatchObject({ restored: 2, kept: 0 });
      expect((await read()).map(({ payload }) => payload)).toEqual(["old", "old"]);
    });

    test("POST refuses what would not be what it was, by code, and takes the rest", async () => {
      const items = [
        { topic: "part/cut", payload: "x", payload_cut: true },
        { topic: "part/empty", payload: "" },
        { topic: "part/#", payload: "x" },
        { topic: "part/good", payload: "x" },
      ];
      const { refusals, ...counts } = await change("POST", "", JSON.stringify(items));
      expect(counts).toMatchObject({ restored: 1, refused: 3 });
      const codes = (refusals as { code: string }[]).map(({ code }) => code);
      expect(codes.sort()).toEqual(["body_invalid", "retained_cut", "topic_invalid"]);
      expect(toTopics(await list("?filter=part/%23"))).toEqual(["part/good"]);
    });

    test("neither handlers nor watchers notice that it is read", async () => {
      const handled = on.bridge.waitForLine(/status.*kept/);
      await retain("devices/update", '{"device_id":"kept"}');
      await handled;
      const before = on.bridge.lines.length;
      const value = () => fetch(`${on.bridge.url}/topics/devices/update`);
      const tag = (await value()).headers.get("ETag");
      const { received } = on.bridge.app.link;
      expect(toTopics(await list("?filter=devices/update"))).toEqual(["devices/update"]);
      expect(on.bridge.lines.slice(before).filter((line) => line.includes("kept"))).toEqual([]);
      expect((await value()).headers.get("ETag")).toBe(tag);
      expect(on.bridge.app.link.received).toBe(received);
    });

    describe("asked wrongly", () => {
      test.each([
        ["GET", "?filter=a/%23/b"],
        ["GET", "?filter=%24share/g/a"],
        ["GET", "?limit=0"],
        ["GET", "?limit=10001"],
        ["GET", "?format=csv"],
        ["GET", "?payload_bytes=-1"],
        ["DELETE", ""],
        ["DELETE", "?filter="],
        ["DELETE", "?filter=a&dryrun=true"],
        ["DELETE", "?filter=a&dry_run=yes"],
        ["POST", "?overwrite=1"],
      ])("%s /retained%s is 400", async (method, query) => {
        await expectProblem(await on.ask(query, { method }), 400, "query_invalid");
      });

      test.each([
        ["{", /line 1 is not JSON/],
        ['{"topic":"a","payload":"x"}\nno', /line 2 is not JSON/],
        ['[{"topic":"a","payload":"x","qos":3}]', /message 0\/qos/],
        ["[7]", /message 0/],
      ])("POST of %s says where it is wrong", async (body, words) => {
        const answer = await on.ask("", { method: "POST", body });
        const problem = await expectProblem(answer, 400, "retained_list_invalid");
        expect(problem.detail).toMatch(words);
      });
    });
  });
}
