// What a fuzzer says over HTTP: requests that are nearly right, for all routes. The tokens are
// those of http-fuzzer.ts: whatever is sent, only topics below `fuzz/` may be published to.

import { createBody } from "./fuzz-bodies.ts";
import type { Random } from "./random.ts";
import type { Route } from "./route-list.ts";

/** Bytes that would end a header or a line, if anyone let them through. */
export const INJECTED_HEADER = "x-injected";
const INJECTIONS = [
  "%0d%0aX-Injected:%201",
  "%0aX-Injected:1",
  "%00",
  "%e2%80%a8",
  "\u{1f4a5}",
  "%f0%9f%92%a5",
] as const;
const SEGMENTS = [
  "fuzz",
  "a",
  "..%2f",
  "..%2f..%2fsecret",
  "%2e%2e",
  "..",
  ".",
  "",
  "%252e%252e%252f",
  "..%5c",
  "\\..\\",
  "%c0%ae%c0%ae",
  "%",
  "%zz",
  "%2",
  "+",
  "%23",
  "$SYS",
  "__proto__",
  "constructor",
  "1",
  "-1",
  "9007199254740993",
  ";x=1",
  "a".repeat(3_000),
  ...INJECTIONS,
] as const;
const QUERIES = [
  "qos=1",
  "qos=3",
  "qos=1&qos=2",
  "retain=true",
  "retain=%0d%0a",
  "limit=1",
  "limit=-1",
  "limit=1e9",
  "before=0",
  "filter=fuzz/%23",
  "filter=%23",
  "topic=%23/a",
  "timeout=1ms",
  "wait=1ms",
  "since=x",
  "handler=%00",
  "token=reader",
  "__proto__=1",
  "%",
  "a".repeat(9_000),
] as const;
const METHODS = [
  "PATCH",
  "OPTIONS",
  "HEAD",
  "TRACE",
  "PROPFIND",
  "get",
  "G\u0000T",
  "BREW",
] as const;
const TOKENS = ["reader", "writer", "admin", "nothing", "wrong", "", "a".repeat(5_000)] as const;
const HOSTS = [
  "evil.example",
  "localhost:99999",
  "127.0.0.1/health?",
  "[::1]",
  "localhost, evil.example",
  "",
  "local\thost",
  "pi",
] as const;
const VALUES = [
  "text/plain",
  "application/json",
  "application/json; charset=utf-7",
  "multipart/form-data; boundary=x",
  "text/event-stream",
  "a\tb",
  "é",
  "\u0001",
  "1\u0000",
  "*",
  '"',
  'W/"x", *',
  "x".repeat(2_000),
  "00-00000000000000000000000000000000-0000000000000000-00",
  "bytes=0-",
  "respond-async, wait=1",
  "\r\nX-Injected: 1",
] as const;
const NAMES = [
  "Content-Type",
  "Accept",
  "If-None-Match",
  "Range",
  "Origin",
  "Cookie",
  "X-Request-Id",
  "Idempotency-Key",
  "Last-Event-ID",
  "Prefer",
  "traceparent",
  "Upgrade",
  "Expect",
  "MQTT-QoS",
  "X-Forwarded-For",
  "Transfer-Encoding",
] as const;
const LENGTHS = ["0", "-1", "1", "99999999999", "1e3", "abc", "5, 6"] as const;

/** The bytes of one request; what it says of its length may be a lie. */
export function createRequest(random: Random, routes: readonly [Route, ...Route[]]): Buffer {
  const route = random.pick(routes);
  const method = random.chance(0.9) ? route.method : random.pick(METHODS);
  const body = createBody(random);
  const headers = createHeaders(random, body);
  const version = random.chance(0.98) ? "HTTP/1.1" : random.pick(["HTTP/1.0", "HTTP/9.9", ""]);
  const head = [`${method} ${createTarget(random, route.path)} ${version}`, ...headers];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

function createTarget(random: Random, path: string): string {
  // Half of what has a topic has one that may be published, so that what is behind is reached.
  const end = random.chance(0.5) ? "fuzz/" : "";
  const filled = path
    .replaceAll("*", () => `${end}${createSegments(random)}`)
    .replaceAll(/:\w+/g, () => random.pick(SEGMENTS));
  const cut = random.chance(0.1) ? `/${createSegments(random)}${filled}` : filled;
  if (random.chance(0.7)) return cut;
  const queries = Array.from({ length: 1 + random.below(3) }, () => random.pick(QUERIES));
  return `${cut}?${queries.join("&")}`;
}

function createSegments(random: Random): string {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(SEGMENTS)).join("/");
}

function createHeaders(random: Random, body: Buffer): string[] {
  const length = random.chance(0.93) ? String(body.length) : random.pick(LENGTHS);
  const headers = [
    `Host: ${random.chance(0.93) ? "localhost" : random.pick(HOSTS)}`,
    `Content-Length: ${length}`,
  ];
  if (random.chance(0.9)) headers.push(createAuthorization(random));
  for (let left = random.chance(0.5) ? random.below(4) : 0; left > 0; left--) {
    headers.push(`${random.pick(NAMES)}: ${random.pick(VALUES)}`);
  }
  return headers;
}

function createAuthorization(random: Random): string {
  const token = random.chance(0.7) ? "writer" : random.pick(TOKENS);
  const basic = Buffer.from(`key:${token}`).toString("base64");
  return `Authorization: ${random.chance(0.9) ? `Bearer ${token}` : `Basic ${basic}`}`;
}
