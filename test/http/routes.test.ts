// The HTTP side over real sockets: what each route answers, and each way of asking wrongly.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge({ flags: ["--payload-bytes-max", "1000"] });
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${bridge.url}${path}`, init);
}

async function publish(body: unknown): Promise<Response> {
  return ask("/publish", { method: "POST", body: JSON.stringify(body) });
}

async function nextText(): Promise<string> {
  const count = device.received.length + 1;
  const received = await device.waitForCount(count);
  return received[count - 1]?.text ?? "";
}

describe("POST /publish", () => {
  test("sends text as it is, and other JSON as JSON", async () => {
    const text = nextText();
    expect((await publish({ topic: "out/a", payload: "hello", qos: 1 })).status).toBe(200);
    expect(await text).toBe("hello");
    const json = nextText();
    await publish({ topic: "out/a", payload: { x: [1] } });
    expect(await json).toBe('{"x":[1]}');
  });

  test("sends the bytes that base64 stands for", async () => {
    const text = nextText();
    const body = { topic: "out/a", payload: "aGk=", payload_encoding: "base64" };
    expect((await publish(body)).status).toBe(200);
    expect(await text).toBe("hi");
  });

  test("sends EMQX's properties, retain and the token of this publish", async () => {
    const text = nextText();
    const properties = {
      payload_format_indicator: 1,
      message_expiry_interval: 60,
      response_topic: "reply/here",
      correlation_data: "42",
      content_type: "text/plain",
      user_properties: { a: "1" },
    };
    const body = { topic: "out/p", payload: "x", qos: 1, retain: true, token: "t", properties };
    expect((await publish(body)).status).toBe(200);
    expect(await text).toBe("x");
    const packet = device.received.at(-1)?.packet;
    expect(packet?.properties).toMatchObject({
      payloadFormatIndicator: true,
      responseTopic: "reply/here",
      contentType: "text/plain",
      userProperties: { a: "1", token: "t" },
    });
    expect(String(packet?.properties?.correlationData)).toBe("42");
    await using later = await connectDevice(bridge.mqttPort, "out/p");
    const [retained] = await later.waitForCount(1);
    expect(retained?.packet.retain).toBeTrue();
  });

  test("says with 202 that nobody subscribes, when the broker could say so", async () => {
    const status = { topic: "nobody/is/here", payload: "x" };
    for (const qos of [1, 2]) {
      const answer = await publish({ ...status, qos });
      expect(answer.status).toBe(202);
      expect(await answer.json()).toMatchObject({ message: "no_matching_subscribers" });
    }
    expect((await ask("/topics/nobody/is/here", { method: "PUT", body: "x" })).status).toBe(202);
    expect((await publish({ ...status, qos: 0 })).status).toBe(200); // It is not answered.
    expect((await publish({ topic: "out/somebody", payload: "x", qos: 1 })).status).toBe(200);
    expect((await publish({ topic: "devices/update", payload: "x", qos: 1 })).status).toBe(200);
  });

  test("is refused where only the broker publishes", async () => {
    const message = { topic: "$SYS/broker/uptime", payload: "x", qos: 1 };
    await expectProblem(await publish(message), 403, "publish_refused");
  });

  const WRONG = [
    ["a topic with a wildcard", { topic: "a/#", payload: "" }, "topic_invalid", /wildcard/],
    ["an empty topic", { topic: "", payload: "" }, "topic_invalid", /empty/],
    ["a topic with NUL", { topic: "a\0b", payload: "" }, "topic_invalid", /NUL/],
    ["no topic", { payload: "" }, "body_invalid", /topic/],
    ["a topic that is no text", { topic: 1, payload: "" }, "body_invalid", /topic/],
    ["QoS 3", { topic: "a", payload: "", qos: 3 }, "body_invalid", /qos/],
    ["an unknown field", { topic: "a", payload: "", qoss: 1 }, "body_invalid", /qoss/],
    [
      "an unknown encoding",
      { topic: "a", payload: "", payload_encoding: "hex" },
      "body_invalid",
      /encoding/,
    ],
    [
      "what is not base64",
      { topic: "a", payload: "?", payload_encoding: "base64" },
      "body_invalid",
      /base64/,
    ],
    [
      "a wildcard in response_topic",
      { topic: "a", payload: "", properties: { response_topic: "+" } },
      "topic_invalid",
      /wildcard/,
    ],
  ] as const;
  for (const [what, body, code, words] of WRONG) {
    test(`refuses ${what} in words`, async () => {
      const problem = await expectProblem(await publish(body), 400, code);
      expect(problem.detail).toMatch(words);
    });
  }

  test("names the wrong part with a JSON pointer", async () => {
    const response = await publish({ topic: "a", payload: "", qos: "high" });
    expect((await expectProblem(response, 400, "body_invalid")).path).toBe("/qos");
  });

  test("refuses what is not JSON", async () => {
    const response = await ask("/publish", { method: "POST", body: "{topic" });
    await expectProblem(response, 400, "body_invalid");
  });

  test("refuses a payload over the limit with 413", async () => {
    const response = await publish({ topic: "a", payload: "x".repeat(1001) });
    const problem = await expectProblem(response, 413, "payload_too_large");
    expect(problem.detail).toBe("the payload has 1001 bytes, at most 1000 are allowed");
  });

  test("refuses a body that is far over the limit before reading it", async () => {
    const body = JSON.stringify({ topic: "a", payload: "x".repeat(200_000) });
    const response = await ask("/publish", { method: "POST", body });
    await expectProblem(response, 413, "payload_too_large");
  });

  test("refuses a page of another site, and takes its own", async () => {
    const body = JSON.stringify({ topic: "out/a", payload: "evil" });
    const foreign = { method: "POST", body, headers: { Origin: "http://evil.example" } };
    const refused = await ask("/publish", foreign);
    expect(refused.headers.get("X-Content-Type-Options")).toBe("nosniff");
    await expectProblem(refused, 403, "origin_refused");
    const own = { method: "POST", body, headers: { Origin: bridge.url } };
    expect((await ask("/publish", own)).status).toBe(200);
  });
});

describe("/topics/<topic>", () => {
  test("PUT sends the raw bytes with the content type, GET answers with the same", async () => {
    const body = new Uint8Array([0, 1, 254, 255]);
    const headers = { "Content-Type": "image/x-test" };
    const put = await ask("/topics/out/raw?qos=2&retain=true", { method: "PUT", body, headers });
    expect(put.status).toBe(200);
    const value = await ask("/topics/out/raw");
    expect(new Uint8Array(await value.arrayBuffer())).toEqual(body);
    expect(value.headers.get("Content-Type")).toBe("image/x-test");
    expect(value.headers.get("MQTT-QoS")).toBe("2");
    expect(value.headers.get("MQTT-Retain")).toBe("true");
    expect(Date.parse(value.headers.get("Last-Modified") ?? "")).toBeGreaterThan(0);
  });

  test("GET answers 304 to the ETag that it gave, until the value changes", async () => {
    await ask("/topics/out/tag", { method: "POST", body: "one" });
    const tag = (await ask("/topics/out/tag")).headers.get("ETag") ?? "";
    const asked = { headers: { "If-None-Match": tag } };
    expect((await ask("/topics/out/tag", asked)).status).toBe(304);
    await ask("/topics/out/tag", { method: "POST", body: "two" });
    expect((await ask("/topics/out/tag", asked)).status).toBe(200);
  });

  test("GET guesses JSON, text and bytes, and lets no browser run them", async () => {
    const types: (string | null)[] = [];
    for (const body of ['{"a":1}', "<script>", new Uint8Array([255])]) {
      await ask("/topics/out/type", { method: "PUT", body, headers: { "Content-Type": "" } });
      const value = await ask("/topics/out/type");
      types.push(value.headers.get("Content-Type"));
      expect(value.headers.get("Content-Security-Policy")).toContain("sandbox");
      expect(value.headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    expect(types).toEqual([
      "application/json",
      "text/plain; charset=utf-8",
      "application/octet-stream",
    ]);
  });

  test("GET knows what a device published, and its retained flag", async () => {
    await device.send("from/device ü", "21", { retain: true });
    const value = await ask(`/topics/from/${encodeURIComponent("device ü")}`);
    expect(await value.text()).toBe("21");
    expect(value.headers.get("MQTT-Retain")).toBe("true");
  });

  test.each(["text/plain; name=ü", "a\u200b", "漢"])(
    "GET guesses when a device calls its payload '%s', which no header may say",
    async (contentType) => {
      const options = { qos: 1, properties: { contentType } } as const;
      await device.client.publishAsync("from/odd", "21", options);
      const value = await ask("/topics/from/odd");
      expect([value.status, await value.text()]).toEqual([200, "21"]);
      expect(value.headers.get("Content-Type")).toBe("application/json");
    },
  );

  test("dots that are percent-encoded twice are text, and lead to no other topic", async () => {
    await ask("/topics/dots/%252e%252e/b", { method: "PUT", body: "x" });
    await expectProblem(await ask("/topics/b"), 404, "value_unknown");
    expect(await (await ask("/topics/dots/%252e%252e/b")).text()).toBe("x");
  });

  test("GET of a topic never seen is 404, of a filter 400", async () => {
    await expectProblem(await ask("/topics/never/seen"), 404, "value_unknown");
    await expectProblem(await ask("/topics/a/%23"), 400, "topic_invalid");
    await expectProblem(await ask("/topics/"), 400, "topic_invalid");
  });

  test("broken percent-encoding and a wrong qos are 400", async () => {
    await expectProblem(await ask("/topics/a%"), 400, "topic_invalid");
    const response = await ask("/topics/a?qos=7", { method: "PUT", body: "x" });
    await expectProblem(response, 400, "query_invalid");
  });
});
