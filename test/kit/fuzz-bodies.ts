// The bodies of a fuzzer's requests: publishes that are nearly right, JSON that is deep, wide or
// broken, and bytes that are nothing.

import type { Random } from "./random.ts";

const TEXTS = [
  "fuzz/a",
  "fuzz/b",
  "secret",
  "fuzz/../secret",
  "$SYS/x",
  "fuzz/#",
  "+",
  "",
  "fuzz/\r\nX-Injected: 1",
  "fuzz/\u0000",
  "fuzz/\ud800",
  "fuzz/💥\u2028",
  "text/html\r\nX-Injected: 1",
  "text/html",
  "é".repeat(300),
  "x".repeat(70_000),
  "__proto__",
] as const;
const NUMBERS = [0, 1, 2, 3, -1, 1.5, 1e308, 0xffff_ffff, 4_294_967_296] as const;

export function createBody(random: Random): Buffer {
  switch (random.below(8)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
    case 2:
      return Buffer.from(nest(random, 10 ** (1 + random.below(5))));
    case 3:
      return mutate(random, Buffer.from(JSON.stringify(createPublish(random))));
    case 4:
      return Buffer.from(JSON.stringify(Array.from({ length: 3 }, () => createPublish(random))));
    default:
      return Buffer.from(JSON.stringify(createPublish(random)));
  }
}

function nest(random: Random, depth: number): string {
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
  ] as const);
  const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
  const inBody = `{"topic":"fuzz/deep","payload":${deep}}`;
  return random.pick([deep, inBody, open.repeat(depth)]);
}

function createPublish(random: Random): object {
  const text = () => random.pick(TEXTS);
  const properties = {
    ...(random.chance(0.4) && { content_type: text() }),
    ...(random.chance(0.4) && { user_properties: { [text()]: text(), a: text() } }),
    ...(random.chance(0.2) && { response_topic: text() }),
    ...(random.chance(0.2) && { correlation_data: text() }),
    ...(random.chance(0.2) && { message_expiry_interval: random.pick(NUMBERS) }),
    ...(random.chance(0.1) && { payload_format_indicator: random.pick(NUMBERS) }),
  };
  return {
    topic: random.chance(0.6) ? `fuzz/${random.below(20)}` : text(),
    payload: random.pick<unknown>([
      text(),
      random.pick(NUMBERS),
      null,
      { [text()]: [text()] },
      [[]],
    ]),
    ...(random.chance(0.4) && { qos: random.pick([0, 1, 2, 3, "1", null]) }),
    ...(random.chance(0.3) && { retain: random.pick([true, false, "true", 1]) }),
    ...(random.chance(0.2) && { payload_encoding: random.pick(["base64", "plain", "hex"]) }),
    ...(random.chance(0.5) && { properties }),
    ...(random.chance(0.1) && { token: text() }),
    ...(random.chance(0.05) && { [text()]: text() }),
  };
}

/** The same bytes with one to three faults. */
function mutate(random: Random, original: Buffer): Buffer {
  let bytes = Buffer.from(original);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length);
    const noise = Buffer.from(Array.from({ length: 1 + random.below(4) }, () => random.below(256)));
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at + random.below(3))];
    bytes = Buffer.concat([head, random.chance(0.5) ? noise : Buffer.alloc(0), tail]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}
