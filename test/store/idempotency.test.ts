// What was answered under a key: it survives a restart, and is held within its limits.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Attempt,
  type Idempotency,
  type IdempotencyOptions,
  openIdempotency,
  type StoredAnswer,
} from "../../src/store/idempotency.ts";

const LIMITS = { keysMax: 100, bytesMax: 1_000, ageMsMax: 1_000 };
const CALLER = "";

function open(more: Partial<IdempotencyOptions> = {}): Idempotency {
  return openIdempotency({ folder: ":memory:", ...LIMITS, ...more });
}

function toAnswer(text: string, status = 200): StoredAnswer {
  return { status, headers: { A: "b" }, body: Buffer.from(text) };
}

function begin(store: Idempotency, key: string, fingerprint = "f", caller = CALLER) {
  return store.begin({ caller, key }, fingerprint);
}

function put(store: Idempotency, key: string, answer: StoredAnswer): void {
  using attempt = begin(store, key) as Attempt;
  attempt.finish(answer);
}

/** The text that is remembered for the key; undefined when it may be tried. */
function recall(store: Idempotency, key: string): string | undefined {
  const found = begin(store, key);
  if (!("finish" in found)) return String(found.body);
  found[Symbol.dispose]();
  return undefined;
}

test("a finished attempt is answered again, with its status, headers and bytes", async () => {
  await using store = open();
  put(store, "k", toAnswer("\0x"));
  expect(begin(store, "k")).toMatchObject({ status: 200, headers: { A: "b" } });
  expect(recall(store, "k")).toBe("\0x");
});

test("a key is its caller's own", async () => {
  await using store = open();
  put(store, "k", toAnswer("x"));
  expect(begin(store, "k", "f", "another")).toHaveProperty("finish");
});

test("another request under the same key is refused, and a second one at once", async () => {
  await using store = open();
  using _running = begin(store, "running") as Attempt;
  expect(() => begin(store, "running")).toThrow("is under way");
  put(store, "k", toAnswer("x"));
  expect(() => begin(store, "k", "other")).toThrow("was used for another request");
});

test("an attempt that was not finished leaves nothing", async () => {
  await using store = open();
  (begin(store, "k") as Attempt)[Symbol.dispose]();
  expect(recall(store, "k")).toBeUndefined();
});

test("a failure is no answer, but the next attempt is shown it", async () => {
  await using store = open();
  put(store, "k", toAnswer("half", 503));
  using attempt = begin(store, "k") as Attempt;
  expect(String(attempt.earlier?.body)).toBe("half");
  attempt.finish(toAnswer("whole"));
  attempt[Symbol.dispose]();
  expect(recall(store, "k")).toBe("whole");
});

test("it is forgotten when its time is over", async () => {
  let nowMs = 0;
  await using store = open({ now: () => nowMs });
  put(store, "k", toAnswer("x"));
  nowMs = 1_000;
  expect(recall(store, "k")).toBe("x");
  nowMs = 1_001;
  expect(recall(store, "k")).toBeUndefined();
});

test("beyond the count and the bytes the oldest go", async () => {
  await using store = open({ keysMax: 2 });
  for (const key of ["a", "b", "c"]) put(store, key, toAnswer(key));
  expect(["a", "b", "c"].map((key) => recall(store, key))).toEqual([undefined, "b", "c"]);
  put(store, "large", toAnswer("x".repeat(1_500)));
  expect(["b", "c"].map((key) => recall(store, key))).toEqual([undefined, undefined]);
  expect(recall(store, "large")).toHaveLength(1_500);
});

test("it survives a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-keys-"));
  try {
    {
      await using store = open({ folder });
      put(store, "k", toAnswer("kept"));
    }
    await using again = open({ folder });
    expect(recall(again, "k")).toBe("kept");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a folder that cannot be written is told in words", async () => {
  await using store = open({ folder: "/dev/null/nowhere" });
  expect(() => begin(store, "k")).toThrow(/idempotency.sqlite cannot be read or written/);
});
