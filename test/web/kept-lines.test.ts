// The pure parts of the pages "Retained" and "Broker": batches, what is kept for the way back,
// filters above a topic, rates, and the order of clients.

import { describe, expect, test } from "bun:test";
import { toRates } from "../../src/web/broker/broker-rates.ts";
import { chooseClients } from "../../src/web/broker/client-sorting.ts";
import { toFiltersAbove } from "../../src/web/retained/filters-above.ts";
import { toBatches } from "../../src/web/retained/kept-lines.ts";
import { addUndo, keepLines, keepNewest } from "../../src/web/retained/undo-store.ts";

describe("batches", () => {
  test("have all lines in their order, none too long, none too many", () => {
    const lines = Array.from({ length: 2_500 }, (_, at) => String(at).padStart(300, "."));
    const batches = toBatches(lines);
    expect(batches.flat()).toEqual(lines);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(1_000);
      expect(batch.join("").length).toBeLessThanOrEqual(256 * 1_024);
    }
    expect(batches.length).toBe(3);
  });

  test("a line that is longer than a batch is one alone", () => {
    const long = "x".repeat(300_000);
    expect(toBatches(["a", long, "b"])).toEqual([["a"], [long], ["b"]]);
    expect(toBatches([])).toEqual([]);
  });
});

test("the oldest that has no room is forgotten", () => {
  const undo = (key: number, length: number) => {
    return { key, filter: "#", atMs: 0, lines: ["x".repeat(length)] };
  };
  const kept = keepNewest([undo(3, 4), undo(2, 5), undo(1, 2)], 10);
  expect(kept.map(({ key }) => key)).toEqual([3, 2]);
});

test("what was forgotten has a key that nothing later has", () => {
  const first = addUndo("a/#", ["{}"], 0);
  keepLines(first.key, []);
  expect(addUndo("b/#", ["{}"], 1).key).not.toBe(first.key);
});

test("above a topic are its levels, the nearest first", () => {
  expect(toFiltersAbove("a/b/c")).toEqual(["a/b/c/#", "a/b/#", "a/#"]);
  expect(toFiltersAbove("/a")).toEqual(["/a/#", "/#"]);
});

describe("rates", () => {
  const facts = (uptime: number, count: number) => {
    const both = { in: count, out: count * 2 };
    return { kind: "embedded", uptime_seconds: uptime, messages: both, bytes: both } as never;
  };

  test("are what was added, per second", () => {
    const rates = { messagesIn: 5, messagesOut: 10, bytesIn: 5, bytesOut: 10 };
    expect(toRates(facts(1, 10), facts(3, 20), 2_000)).toEqual(rates);
  });

  test("are none over a start of the bridge, nor in no time", () => {
    expect(toRates(facts(9, 10), facts(1, 2), 2_000)).toBeUndefined();
    expect(toRates(facts(1, 10), facts(1, 10), 0)).toBeUndefined();
  });
});

test("clients are found by any of their texts, and sorted with the id between equals", () => {
  const client = (client_id: string, queued: number, filter: string) => {
    const connected_at = "2026-01-01T00:00:00Z";
    const subscriptions = [filter];
    return { client_id, queued, subscriptions, address: "127.0.0.1:9", connected_at } as never;
  };
  const clients = [client("b", 1, "Rooms/#"), client("a", 1, "doors/#"), client("c", 7, "x")];
  const choose = (text: string) => {
    const chosen = chooseClients(clients, text, { key: "queue", isDown: true });
    return chosen.map(({ client_id }) => client_id);
  };
  expect(choose("")).toEqual(["c", "a", "b"]);
  expect(choose(" rooms")).toEqual(["b"]);
  expect(choose("127.0")).toHaveLength(3);
});
