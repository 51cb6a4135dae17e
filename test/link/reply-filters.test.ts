// Subscriptions to where replies come: shared, kept for a while, and never too many.

import { expect, test } from "bun:test";
import { ReplyFilters } from "../../src/link/reply-filters.ts";

function createFilters(refusedFilter?: string) {
  const events: string[] = [];
  const filters = new ReplyFilters(async (filter, qos) => {
    events.push(`+${filter} ${qos}`);
    if (filter === refusedFilter) throw new Error("refused");
    return { [Symbol.dispose]: () => void events.push(`-${filter}`) };
  });
  return { filters, events };
}

test("what is held, or was a moment ago, is not subscribed to again", async () => {
  const { filters, events } = createFilters();
  const [one, other] = [filters.hold("a"), filters.hold("a")];
  await Promise.all([one.granted, other.granted]);
  filters.release(one);
  filters.release(other);
  const again = filters.hold("a");
  await again.granted;
  expect(events).toEqual(["+a 0"]);
  filters.close();
});

test("of more than a hundred that nobody uses, the oldest is let go", async () => {
  const { filters, events } = createFilters();
  const used = filters.hold("used");
  for (let at = 0; at <= 100; at++) {
    const held = filters.hold(`${at}`);
    await held.granted;
    filters.release(held);
  }
  await used.granted;
  expect(events.filter((event) => event.startsWith("-"))).toEqual(["-0"]);
  filters.close();
});

test("a refused one is asked for again, and giving it back does not harm the next", async () => {
  const { filters, events } = createFilters("a");
  const refused = filters.hold("a");
  await refused.granted.catch(() => {});
  const next = filters.hold("a");
  filters.release(refused);
  await next.granted.catch(() => {});
  expect(events).toEqual(["+a 0", "+a 0"]);
  expect(next.users).toBe(1);
  filters.close();
});
