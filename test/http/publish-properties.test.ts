// The properties of what is published over HTTP, in a body, in a query and in headers, down to the
// bytes that a device gets.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { spawnProcess } from "../kit/processes.ts";
import { sendBytes } from "../kit/raw-request.ts";

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge({ flags: ["--token", "own", "--log-level", "debug"] });
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function nextPacket(path: string, init: RequestInit) {
  const before = device.received.length;
  const response = await fetch(`${bridge.url}${path}`, { method: "PUT", ...init });
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  const received = await device.waitForCount(before + 1);
  const packet = received[before]?.packet;
  if (!packet) throw new Error("nothing came");
  return packet;
}

async function put(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${bridge.url}${path}`, { method: "PUT", body: "x", ...init });
}

test("user properties as pairs keep their order, repeated and numeric names too", async () => {
  const port = String(bridge.mqttPort);
  await using subscriber = spawnProcess("mosquitto_sub", [
    ...["-V", "5", "-p", port, "-t", "pairs", "-F", "%P", "-C", "1"],
  ]);
  await bridge.waitForLine(/subscribed to pairs/);
  const user_properties = [
    ["b", "1"],
    ["2", "two"],
    ["a", "1"],
    ["1", "one"],
    ["b", "2"],
    ["__proto__", "x"],
  ];
  const body = JSON.stringify({ topic: "pairs", payload: "x", properties: { user_properties } });
  const response = await fetch(`${bridge.url}/publish`, { method: "POST", body });
  expect(response.status).toBe(200);
  await subscriber.waitForLine(/^token:own b:1 2:two a:1 1:one b:2 __proto__:x$/);
});

test("an empty list of user properties is none", async () => {
  const body = JSON.stringify({ topic: "out/a", payload: "", properties: { user_properties: [] } });
  const packet = await nextPacket("/publish", { method: "POST", body });
  expect(packet.properties?.userProperties).toEqual({ token: "own" });
});

test("a body has correlation data as bytes, and names of user properties twice", async () => {
  const properties = {
    correlation_data: "AP8=",
    correlation_data_encoding: "base64",
    user_properties: { a: ["1", "2"] },
  };
  const body = JSON.stringify({ topic: "out/a", payload: "", properties });
  const packet = await nextPacket("/publish", { method: "POST", body });
  expect(packet.properties?.correlationData).toEqual(Buffer.from([0, 255]));
  expect(packet.properties?.userProperties).toMatchObject({ a: ["1", "2"] });
});

test("a query names every property of a raw message", async () => {
  const query = new URLSearchParams({
    qos: "2",
    payload_format_indicator: "1",
    message_expiry_interval: "60",
    response_topic: "reply/here",
    correlation_data: "c",
    content_type: "text/x",
    user_properties: '{"a":"1"}',
    token: "other",
  });
  const packet = await nextPacket(`/topics/out/q?${query}`, { body: "x" });
  expect(packet.properties).toMatchObject({
    payloadFormatIndicator: true,
    responseTopic: "reply/here",
    contentType: "text/x",
    userProperties: { a: "1", token: "other" },
  });
  expect(String(packet.properties?.correlationData)).toBe("c");
});

test("headers say the same, and the query is nearer", async () => {
  const headers = {
    "MQTT-QoS": "0",
    "MQTT-Retain": "true",
    "MQTT-Response-Topic": "from/header",
    "MQTT-User-Properties": '[["a","1"],["a","2"]]',
    "MQTT-Correlation-Data": "AP8=",
    "MQTT-Correlation-Data-Encoding": "base64",
    "Content-Type": "image/x",
  };
  const packet = await nextPacket("/topics/out/h?response_topic=from/query", {
    body: "x",
    headers,
  });
  expect(packet.qos).toBe(0);
  expect(packet.properties).toMatchObject({
    responseTopic: "from/query",
    contentType: "image/x",
    userProperties: { a: ["1", "2"] },
  });
  expect(packet.properties?.correlationData).toEqual(Buffer.from([0, 255]));
  await using later = await connectDevice(bridge.mqttPort, "out/h");
  expect((await later.waitForCount(1))[0]?.packet.retain).toBeTrue();
});

test("headers are UTF-8", async () => {
  const path = "/topics/out/utf8";
  const user = '{"raum":"Küche 漢"}';
  const head = [
    `PUT ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `MQTT-User-Properties: ${user}`,
    "MQTT-Response-Topic: antwort/küche/50%25",
    "Content-Length: 1",
  ];
  const sent = Buffer.from(`${head.join("\r\n")}\r\n\r\nx`);
  const before = device.received.length;
  expect((await sendBytes(bridge.app.httpPort, sent)).status).toBe(200);
  const received = await device.waitForCount(before + 1);
  const { properties } = received[before]?.packet ?? {};
  expect(properties?.userProperties).toMatchObject(JSON.parse(user));
  expect(properties?.responseTopic).toBe("antwort/küche/50%");
});

test("what GET answers in headers can be put again", async () => {
  const properties = {
    payloadFormatIndicator: false,
    messageExpiryInterval: 3_600,
    responseTopic: "antwort/küche/50% ?",
    correlationData: Buffer.from([0, 255, 10]),
    contentType: "text/ü",
    userProperties: { a: ["1", "ü"], b: "漢" },
  };
  await device.client.publishAsync("in/again", "\xff", { qos: 1, properties });
  const got = await fetch(`${bridge.url}/topics/in/again`);
  const headers = [...got.headers].filter(([name]) => /^(mqtt-|content-type)/.test(name));
  const packet = await nextPacket("/topics/out/again", {
    body: await got.arrayBuffer(),
    headers: Object.fromEntries(headers),
  });
  expect(packet.properties).toMatchObject(properties);
  expect(packet.payload).toEqual(Buffer.from("\xff"));
});

test.each([
  ["?qoss=1", "query_invalid"],
  ["?qos=3", "query_invalid"],
  ["?message_expiry_interval=4294967296", "query_invalid"],
  ["?message_expiry_interval=1e3", "query_invalid"],
  ["?user_properties={", "query_invalid"],
  ["?user_properties=[1]", "query_invalid"],
  ["?response_topic=a/%23", "topic_invalid"],
  ["?correlation_data=?&correlation_data_encoding=base64", "body_invalid"],
])("%s is %s", async (query, code) => {
  await expectProblem(await put(`/topics/out/wrong${query}`), 400, code);
});

test.each([
  ["MQTT-QoS", "3"],
  ["MQTT-Retain", "yes"],
  ["MQTT-Payload-Format-Indicator", "2"],
  ["MQTT-User-Properties", '{"a":1}'],
  ["MQTT-Response-Topic", "a/50%"],
  ["MQTT-Content-Type", '"text'],
])("the header %s may not be '%s'", async (name, value) => {
  const response = await put("/topics/out/wrong", { headers: { [name]: value } });
  const problem = await expectProblem(response, 400, "header_invalid");
  expect(problem.detail.toLowerCase()).toContain(name.toLowerCase());
});
