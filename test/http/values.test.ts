// GET /topics and GET /topics/<topic>: last values, what their headers say, and waiting for the
// next, with the embedded broker and with Mosquitto.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { describeIf } from "../kit/suites.ts";

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge();
  device = await connectDevice(bridge.mqttPort);
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${bridge.url}${path}`, { headers });
}
async function readTag(topic: string): Promise<string> {
  return (await ask(`/topics/${topic}`)).headers.get("ETag") ?? "";
}

describe("GET /topics/<topic>", () => {
  test("has the properties of the message in headers, as ASCII", async () => {
    const properties = {
      payloadFormatIndicator: true,
      responseTopic: "answer/ü\u2028",
      correlationData: Buffer.from([0, 13, 10, 255]),
      userProperties: { line: "a\r\nSet-Cookie: b", ü: "漢" },
    };
    await device.client.publishAsync("value/all", "1", { qos: 1, properties });
    const { headers } = await ask("/topics/value/all");
    expect(headers.get("MQTT-Payload-Format-Indicator")).toBe("1");
    expect(decodeURI(headers.get("MQTT-Response-Topic") ?? "")).toBe("answer/ü\u2028");
    expect(Buffer.from(headers.get("MQTT-Correlation-Data") ?? "", "base64")).toEqual(
      properties.correlationData,
    );
    expect(JSON.parse(headers.get("MQTT-User-Properties") ?? "")).toEqual(
      properties.userProperties,
    );
    expect(headers.get("Set-Cookie")).toBeNull();
  });

  test("has the interval after which the message expires, wherever it is shown", async () => {
    const properties = { messageExpiryInterval: 3_600, contentType: "text/plain" };
    await device.client.publishAsync("value/expiring", "1", { qos: 1, properties });
    const alone = { messageExpiryInterval: 7 };
    await device.client.publishAsync("value/expiring/alone", "1", { qos: 1, properties: alone });
    const { headers } = await ask("/topics/value/expiring");
    expect(headers.get("MQTT-Message-Expiry-Interval")).toBe("3600");
    expect(headers.get("Content-Type")).toBe("text/plain");
    const history = await ask("/history?filter=value/expiring/%23&order=oldest");
    expect(await history.json()).toMatchObject({
      messages: [
        { properties: { message_expiry_interval: 3_600, content_type: "text/plain" } },
        { properties: { message_expiry_interval: 7 } },
      ],
    });
  });

  test("names properties that are too long for a header", async () => {
    const properties = { userProperties: { long: "x".repeat(10_000) } };
    await device.client.publishAsync("value/long", "1", { qos: 1, properties });
    const { headers } = await ask("/topics/value/long");
    expect(headers.get("MQTT-Left-Out")).toBe("User-Properties");
    expect(headers.get("MQTT-User-Properties")).toBeNull();
  });

  test("answers 304 to its tag, in a list, weak, or *, and to its time", async () => {
    await device.send("value/tag", "1");
    const value = await ask("/topics/value/tag");
    const tag = value.headers.get("ETag") ?? "";
    const time = value.headers.get("Last-Modified") ?? "";
    for (const tags of [tag, `"1", W/${tag}`, "*"]) {
      expect((await ask("/topics/value/tag", { "If-None-Match": tags })).status).toBe(304);
    }
    const earlier = new Date(Date.parse(time) - 1_000).toUTCString();
    const asked = [
      [{ "If-Modified-Since": time }, 304],
      [{ "If-Modified-Since": earlier }, 200],
      [{ "If-Modified-Since": "nonsense" }, 200],
      [{ "If-Modified-Since": time, "If-None-Match": '"1"' }, 200],
    ] as const;
    for (const [headers, status] of asked) {
      expect((await ask("/topics/value/tag", headers)).status).toBe(status);
    }
  });

  test("two messages have two tags, also with the same payload", async () => {
    await device.send("value/same", "1");
    const first = await readTag("value/same");
    await device.send("value/same", "1");
    expect(await readTag("value/same")).not.toBe(first);
  });
});

describe("GET /topics", () => {
  test("lists the topics by name, with what is known of the last message", async () => {
    for (const text of ["1", "22"]) await device.send("list/b", text);
    await device.send("list/a", "333", { retain: true });
    const answer = (await (await ask("/topics?filter=list/%2B")).json()) as { topics: object[] };
    expect(answer.topics).toMatchObject([
      { topic: "list/a", messages: 1, payload_bytes: 3, qos: 1, retain: true },
      { topic: "list/b", messages: 2, payload_bytes: 2, qos: 1, retain: false },
    ]);
    const { headers } = await ask("/topics/list/b");
    expect(headers.get("ETag")).toBe(`"${(answer.topics[1] as { id: number }).id}"`);
  });

  test("comes in pages that leave nothing out", async () => {
    for (let at = 0; at < 7; at++) await device.send(`paged/${at}`, "x");
    const seen: string[] = [];
    let after = "";
    for (;;) {
      const page = (await (await ask(`/topics?filter=paged/%23&limit=3${after}`)).json()) as {
        topics: { topic: string }[];
        next?: string;
      };
      seen.push(...page.topics.map(({ topic }) => topic));
      if (page.next === undefined) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(seen).toEqual(Array.from({ length: 7 }, (_, at) => `paged/${at}`));
  });

  test.each(["filter=%23/a", "limit=0", "limit=10001", "topic=a"])("'%s' is 400", async (query) => {
    await expectProblem(await ask(`/topics?${query}`), 400, "query_invalid");
  });
});

describe("?wait=", () => {
  test("answers at once when there is a value that the caller does not have", async () => {
    await device.send("wait/there", "1");
    expect(await (await ask("/topics/wait/there?wait=60s")).text()).toBe("1");
    const old = await ask("/topics/wait/there?wait=60s", { "If-None-Match": '"1"' });
    expect(await old.text()).toBe("1");
  });

  test("is 304, or 404 without a value, when time is up", async () => {
    await device.send("wait/up", "1");
    const tag = await readTag("wait/up");
    const waited = await ask("/topics/wait/up?wait=20ms", { "If-None-Match": tag });
    expect([waited.status, waited.headers.get("ETag")]).toEqual([304, tag]);
    await expectProblem(await ask("/topics/wait/never?wait=20ms"), 404, "value_unknown");
  });

  test.each(["30", "11m", "x", "-1s"])("'%s' is 400", async (text) => {
    await expectProblem(await ask(`/topics/a?wait=${text}`), 400, "query_invalid");
  });
});

describe("?wait= with the embedded broker", () => {
  test("the first message ends it, and the next one the next", async () => {
    const first = ask("/topics/wait/first?wait=60s");
    await device.send("wait/first", "1");
    const value = await first;
    expect(await value.text()).toBe("1");
    const next = ask("/topics/wait/first?wait=60s", {
      "If-None-Match": value.headers.get("ETag") ?? "",
    });
    await device.send("wait/first", "2");
    expect(await (await next).text()).toBe("2");
  });

  test("many who wait for the same are all answered", async () => {
    const all = Array.from({ length: 50 }, () => ask("/topics/wait/many?wait=60s"));
    await device.send("wait/many", "1");
    const texts = await Promise.all(all.map(async (one) => (await one).text()));
    expect(texts).toEqual(Array(50).fill("1"));
  });
});

describeIf("mosquitto", "?wait= with Mosquitto", () => {
  test("the topic is subscribed to while somebody waits for it", async () => {
    await using broker = await startMosquitto();
    await using external = await startBridge({
      flags: ["--broker", `mqtt://127.0.0.1:${broker.port}`],
    });
    await using sender = await connectDevice(broker.port);
    const waiting = fetch(`${external.url}/topics/live/next?wait=60s`);
    await broker.waitForLog(/live\/next/);
    await sender.send("live/next", "new");
    expect(await (await waiting).text()).toBe("new");
  });
});
