// A message takes the context of what it comes of, and never has two.

import { expect, test } from "bun:test";
import type { OutgoingMessage, UserPair } from "../../src/topics/message.ts";
import { carryTrace, replaceTrace } from "../../src/topics/traced-message.ts";

const A = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
const B = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-01",
  tracestate: "b=1",
};

function create(userProperties?: Record<string, string | string[]>): OutgoingMessage {
  const message = { topic: "a", payload: Buffer.alloc(0), qos: 1, retain: false } as const;
  const properties = { contentType: "text/plain", ...(userProperties && { userProperties }) };
  return { ...message, properties };
}
const userOf = ({ properties }: OutgoingMessage) => properties?.userProperties;

test("without a context, and with none in it, it is the same message", () => {
  const message = create({ a: "1" });
  expect(carryTrace(message, undefined)).toBe(message);
  const bare = { ...create(), properties: undefined } as unknown as OutgoingMessage;
  expect(carryTrace(bare, undefined)).toBe(bare);
});

test("a context that it has stays; else it gets the other one, beside its own properties", () => {
  expect(userOf(carryTrace(create(B), A))).toEqual(B);
  expect(userOf(carryTrace(create({ a: "1" }), B))).toEqual({ a: "1", ...B });
  expect(carryTrace(create({ a: "1" }), B).properties?.contentType).toBe("text/plain");
});

test("what is malformed goes, and leaves no empty list, which no packet can have", () => {
  expect(userOf(carryTrace(create({ traceparent: "x", tracestate: "y" }), A))).toEqual(A);
  const rest = carryTrace(create({ traceparent: "x" }), undefined).properties;
  expect(rest).toEqual({ contentType: "text/plain" });
  expect(userOf(carryTrace(create({ tracestate: "y" }), A))).toEqual(A);
});

test("where the user properties stand as pairs, in their order, those say the same", () => {
  const pairs: readonly UserPair[] = [
    ["a", "1"],
    ["traceparent", "x"],
    ["a", "2"],
  ];
  const message = { ...create({ a: ["1", "2"], traceparent: "x" }), userPairs: pairs };
  const { userPairs } = replaceTrace(message, B);
  expect(userPairs).toEqual([["a", "1"], ["a", "2"], ...Object.entries(B)]);
  const own: readonly UserPair[] = [["traceparent", "x"]];
  const bad = { ...create({ traceparent: "x" }), userPairs: own };
  expect(carryTrace(bad, undefined).userPairs).toBeUndefined();
});
