// Answers that wait for whoever asked: bounded by count, bytes and age, and nobody else's.

import { expect, test } from "bun:test";
import { type CallResults, createCallResults } from "../../src/http/call-results.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import type { StoredAnswer } from "../../src/store/idempotency.ts";

const LIMITS = { resultsMax: 2, bytesMax: 10, ageMsMax: 1_000 };
const OWNER = { caller: "me", topic: "t" };

async function start(results: CallResults, text: string): Promise<string> {
  const answer: StoredAnswer = { status: 200, headers: {}, body: Buffer.from(text) };
  const id = results.start(OWNER, () => Promise.resolve(answer));
  await Promise.resolve();
  return id;
}

function read(results: CallResults, id: string, caller = "me"): string {
  try {
    const { outcome } = results.get(caller, id);
    if (!outcome) return "running";
    return outcome instanceof ViadutoError ? outcome.code : String(outcome.body);
  } catch (error) {
    return (error as ViadutoError).code;
  }
}

test("an answer is its caller's alone, and can be read again", async () => {
  const results = createCallResults(LIMITS);
  const id = await start(results, "x");
  expect(read(results, id, "another")).toBe("result_unknown");
  expect([read(results, id), read(results, id)]).toEqual(["x", "x"]);
});

test("of finished ones the oldest go, of running ones none", async () => {
  const results = createCallResults(LIMITS);
  const [first, second] = [await start(results, "1"), await start(results, "2")];
  const running = results.start(OWNER, () => new Promise(() => {}));
  expect([first, second, running].map((id) => read(results, id))).toEqual([
    "result_unknown",
    "2",
    "running",
  ]);
  results.start(OWNER, () => new Promise(() => {}));
  expect(() => results.start(OWNER, () => new Promise(() => {}))).toThrow("2 calls are under way");
});

test("so do those beyond the bytes", async () => {
  const results = createCallResults(LIMITS);
  const first = await start(results, "123456");
  expect(read(results, first)).toBe("123456");
  const second = await start(results, "123456");
  expect([read(results, first), read(results, second)]).toEqual(["result_unknown", "123456"]);
});

test("and those that are too old", async () => {
  let nowMs = 0;
  const results = createCallResults(LIMITS, () => nowMs);
  const id = await start(results, "x");
  nowMs = 1_000;
  expect(read(results, id)).toBe("x");
  nowMs = 1_001;
  expect(read(results, id)).toBe("result_unknown");
});

test("a failure is kept as any answer", async () => {
  const results = createCallResults(LIMITS);
  const id = results.start(OWNER, () => Promise.reject(new Error("why")));
  await Promise.resolve();
  await Promise.resolve();
  expect(read(results, id)).toBe("internal");
});
