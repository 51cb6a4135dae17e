// GET /history over real sockets: pages, forms, and each way of asking wrongly.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";

type Message = { id: number; at: string; topic: string; payload: string; [name: string]: unknown };
type Page = { messages: Message[]; next?: number };

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge({ flags: ["--history-payload-bytes-max", "100"] });
  device = await connectDevice(bridge.mqttPort);
  for (let number = 1; number <= 25; number++)
    await device.send(`count/${number % 2}`, `${number}`);
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function ask(query: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${bridge.url}/history?${query}`, init);
}
async function readPage(query: string): Promise<Page> {
  const response = await ask(query);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}
const toPayloads = ({ messages }: Page) => messages.map(({ payload }) => Number(payload));

describe("JSON", () => {
  test("has the newest first, and pages that leave nothing out", async () => {
    const seen: number[] = [];
    let after = "";
    for (;;) {
      const page = await readPage(`filter=count/%2B&limit=10${after}`);
      seen.push(...toPayloads(page));
      if (page.next === undefined) break;
      after = `&after=${page.next}`;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => 25 - at));
  });

  test("oldest first continues forwards", async () => {
    const first = await readPage("filter=count/1&order=oldest&limit=2");
    expect(toPayloads(first)).toEqual([1, 3]);
    const second = await readPage(`filter=count/1&order=oldest&limit=2&after=${first.next}`);
    expect(toPayloads(second)).toEqual([5, 7]);
  });

  test("a message has the names of POST /publish", async () => {
    const properties = {
      contentType: "text/x",
      correlationData: Buffer.from([255]),
      responseTopic: "r",
      userProperties: { a: ["1", "2"] },
    };
    const payload = Buffer.from([0, 255]);
    await device.client.publishAsync("one/binary", payload, { qos: 1, retain: true, properties });
    const { messages } = await readPage("filter=one/binary");
    expect(messages).toEqual([
      {
        id: expect.any(Number),
        at: new Date((messages[0]?.id ?? 0) / 1000).toISOString(),
        topic: "one/binary",
        payload: "AP8=",
        payload_encoding: "base64",
        payload_bytes: 2,
        qos: 1,
        retain: true,
        properties: {
          content_type: "text/x",
          correlation_data: "/w==",
          correlation_data_encoding: "base64",
          response_topic: "r",
          user_properties: { a: ["1", "2"] },
        },
      },
    ]);
  });

  test("a payload that was cut says so, and no character is cut with it", async () => {
    await device.send("one/long", "ü".repeat(99));
    const [message] = (await readPage("filter=one/long")).messages;
    expect(message).toMatchObject({ payload_bytes: 198, payload_cut: true });
    expect(message?.payload).toBe("ü".repeat(50));
  });

  test("a time may have an offset, with the + as it is", async () => {
    const query = "filter=count/%2B&since=2001-01-31T12:00:00+02:00";
    expect(toPayloads(await readPage(query))).toHaveLength(25);
    const { messages } = await readPage("filter=count/%2B&until=2001-01-31T12:00:00+02:00");
    expect(messages).toEqual([]);
  });

  test("since and until bound it by time", async () => {
    const { messages } = await readPage("filter=count/%2B&order=oldest");
    const middleMs = Math.floor((messages[12]?.id ?? 0) / 1000);
    const iso = new Date(middleMs).toISOString();
    const late = await readPage(`filter=count/%2B&since=${iso}`);
    const early = await readPage(`filter=count/%2B&until=${middleMs}`);
    expect([...toPayloads(late), ...toPayloads(early)]).toEqual(
      Array.from({ length: 25 }, (_, at) => 25 - at),
    );
    expect(toPayloads(early)).not.toContain(13);
    expect(toPayloads(await readPage("filter=count/%2B&since=1h"))).toHaveLength(25);
    expect(toPayloads(await readPage("filter=count/%2B&until=1h"))).toEqual([]);
  });
});

describe("exports", () => {
  test("NDJSON has all, by Accept or format, and is what JSON shows", async () => {
    const accepted = await ask("filter=count/%23", { headers: { Accept: "application/x-ndjson" } });
    expect(accepted.headers.get("Content-Type")).toBe("application/x-ndjson");
    const text = await accepted.text();
    const lines = text.trimEnd().split("\n");
    const { messages } = await readPage("filter=count/%23&limit=1000");
    expect(lines.map((line) => JSON.parse(line))).toEqual(messages);
    expect(await (await ask("filter=count/%23&format=ndjson")).text()).toBe(text);
    const limited = await (await ask("filter=count/%23&format=ndjson&limit=3")).text();
    expect(limited).toBe(`${lines.slice(0, 3).join("\n")}\n`);
  });

  test("CSV has a head, and no formula", async () => {
    await device.send("one/formula", '=HYPERLINK("x")');
    const response = await ask("filter=one/formula&format=csv");
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("Content-Disposition")).toContain("history.csv");
    const [head, line, end] = (await response.text()).split("\r\n");
    expect(head?.split(",").slice(0, 3)).toEqual(["id", "at", "topic"]);
    expect(line).toContain(`one/formula,1,false,"'=HYPERLINK(""x"")",plain,15,false,`);
    expect(end).toBe("");
  });

  test("more than a page of them comes whole", async () => {
    await using big = await startBridge();
    await using sender = await connectDevice(big.mqttPort);
    const sent = Array.from({ length: 5_000 }, (_, at) => String(at));
    for (const text of sent) sender.client.publish("many", text, { qos: 0 });
    await sender.send("many", "5000");
    const response = await fetch(`${big.url}/history?filter=many&format=ndjson&order=oldest`);
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).payload)).toEqual([...sent, "5000"]);
  });

  test("one of nothing is empty", async () => {
    expect(await (await ask("filter=never/seen&format=ndjson")).text()).toBe("");
    const csv = await (await ask("filter=never/seen&format=csv")).text();
    expect(csv.trimEnd().split("\r\n")).toHaveLength(1);
  });
});

describe("asked wrongly", () => {
  test.each([
    ["filter=a/%23/b", /filter/],
    ["filter=", /empty/],
    ["limit=0", /1 to 1000/],
    ["limit=1001", /1 to 1000/],
    ["since=yesterday", /since/],
    ["until=2026-13-01T00:00:00Z", /until/],
    ["order=random", /newest or oldest/],
    ["after=x", /after/],
    ["format=xml", /json, ndjson or csv/],
    ["format=constructor", /json, ndjson or csv/],
    ["filters=a", /not known here/],
    ["limit=1&limit=2", /twice/],
  ])("'%s' is 400, in words", async (query, words) => {
    const problem = await expectProblem(await ask(query), 400, "query_invalid");
    expect(problem.detail).toMatch(words);
  });

  test("with --history off it is 404, and says how to have it", async () => {
    await using off = await startBridge({ flags: ["--history", "off"] });
    const problem = await expectProblem(await fetch(`${off.url}/history`), 404, "history_off");
    expect(problem.hint).toContain("--history on");
  });
});

test("HEAD of an export has its headers, and reads nothing", async () => {
  const head = await fetch(`${bridge.url}/history?format=ndjson`, { method: "HEAD" });
  expect(head.headers.get("Content-Type")).toBe("application/x-ndjson");
  expect(head.headers.get("Content-Disposition")).toContain("history.ndjson");
  // Elysia knows a length only when it has read the whole body.
  expect(Number(head.headers.get("Content-Length") ?? 0)).toBe(0);
});
