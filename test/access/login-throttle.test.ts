// Guessing is slowed down, by address; who logs in rightly is not.

import { describe, expect, test } from "bun:test";
import { toAddressRange } from "../../src/access/address-range.ts";
import { createLoginThrottle, type ThrottleOptions } from "../../src/access/login-throttle.ts";
import { createTurns } from "../../src/access/turns.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

type Wait = { readonly ms: number; readonly end: () => void };

/** A clock that a test moves; `isHeld` keeps the waits until the test ends them. */
function openThrottle(options: Partial<ThrottleOptions> & { readonly isHeld?: boolean } = {}) {
  let nowMs = 1_000_000;
  const waits: Wait[] = [];
  const changes = createChanges();
  const closed = new AbortController();
  const clock: Clock = {
    now: () => nowMs,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = () => {
        nowMs += ms;
        resolve();
      };
      signal.addEventListener("abort", () => resolve());
      if (signal.aborted) resolve();
      waits.push({ ms, end });
      changes.announce();
      if (!options.isHeld) end();
      return promise;
    },
  };
  const throttle = createLoginThrottle({
    clock,
    signal: closed.signal,
    atOnceMax: 1,
    ...options,
  });
  const check = (address: string, isRight = false) => throttle.check(address, async () => isRight);
  return {
    throttle,
    check,
    closed,
    waits,
    move: (ms: number) => {
      nowMs += ms;
    },
    async fail(address: string, times: number) {
      for (let at = 0; at < times; at++) await check(address);
    },
    /** The delays so far, once there are so many. */
    delays: (count: number) =>
      changes.wait(
        () => (waits.length >= count ? waits.map(({ ms }) => ms) : undefined),
        WAIT_TIMEOUT_MS,
        () => new Error(`${waits.length} of ${count} waits`),
      ),
  };
}

const HOME = "192.0.2.1";

describe("an address", () => {
  test("waits from its sixth attempt on, twice as long each time, up to 8 s", async () => {
    const { fail, check, waits } = openThrottle();
    await fail(HOME, 5);
    expect(waits).toEqual([]);
    await fail(HOME, 7);
    const delays = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000];
    expect(waits.map(({ ms }) => ms)).toEqual(delays);
    expect(await check(HOME, true)).toBe("right");
  });

  test("is free again when it has logged in", async () => {
    const { fail, check, waits } = openThrottle();
    await fail(HOME, 6);
    expect(await check(HOME, true)).toBe("right");
    waits.length = 0;
    await fail(HOME, 5);
    expect(waits).toEqual([]);
  });

  test("is free again when its failures are a minute old", async () => {
    const { fail, move, waits } = openThrottle();
    await fail(HOME, 5);
    move(59_999);
    await fail(HOME, 1);
    expect(waits.map(({ ms }) => ms)).toEqual([250]);
    move(60_000);
    await fail(HOME, 1);
    expect(waits).toHaveLength(1);
  });

  test("does not slow others down", async () => {
    const { fail, check, waits } = openThrottle();
    await fail(HOME, 5);
    expect([await check("192.0.2.2"), await check("2001:db8::1")]).toEqual(["wrong", "wrong"]);
    expect(waits).toEqual([]);
  });

  test("of IPv6 stands for its /64", async () => {
    const { fail, check, waits } = openThrottle();
    for (let at = 1; at <= 5; at++) await fail(`2001:db8:0:1::${at}`, 1);
    await check("2001:db8::1:ffff:0:0:1");
    expect(waits.map(({ ms }) => ms)).toEqual([250]);
    await check("2001:db8:0:2::1");
    expect(waits).toHaveLength(1);
  });

  test("gains nothing by many attempts at once: most are turned away", async () => {
    const { check, delays, closed } = openThrottle({ isHeld: true, delayedMax: 3 });
    const attempts = Array.from({ length: 100 }, () => check(HOME));
    expect(await delays(3)).toEqual([250, 250, 250]);
    const early = await Promise.all([...attempts.slice(0, 5), ...attempts.slice(8)]);
    expect(early).toEqual([...Array(5).fill("wrong"), ...Array(92).fill("busy")]);
    closed.abort();
    expect(await Promise.all(attempts.slice(5, 8))).toEqual(["busy", "busy", "busy"]);
  });

  test("that had to wait for less than is due by now waits for the rest", async () => {
    const { fail, check, delays, waits } = openThrottle({ isHeld: true });
    await fail(HOME, 5);
    const [first, second] = [check(HOME), check(HOME)];
    expect(await delays(2)).toEqual([250, 250]);
    waits[0]?.end();
    expect(await first).toBe("wrong");
    waits[1]?.end();
    expect(await delays(3)).toEqual([250, 250, 250]);
    waits[2]?.end();
    expect(await second).toBe("wrong");
  });
});

describe("the throttle", () => {
  test("forgets the address that has failed longest ago when there are too many", async () => {
    const { fail, check, waits } = openThrottle({ addressesMax: 2 });
    await fail("192.0.2.1", 5);
    await fail("192.0.2.2", 5);
    await fail("192.0.2.1", 1); // Newer than the other one now.
    await fail("192.0.2.3", 1);
    waits.length = 0;
    await check("192.0.2.2", true);
    expect(waits).toEqual([]);
    await check("192.0.2.1", true);
    expect(waits.map(({ ms }) => ms)).toEqual([500]);
  });

  test("takes its limits from the caller", async () => {
    const { fail, waits } = openThrottle({ failuresMax: 1, delayMs: 10, delayMsMax: 20 });
    await fail(HOME, 5);
    expect(waits.map(({ ms }) => ms)).toEqual([10, 20, 20, 20]);
  });

  test("lets nobody in once it is closed, and nobody waits", async () => {
    const { fail, check, closed, delays } = openThrottle({ isHeld: true });
    await fail(HOME, 5);
    const waiting = check(HOME, true);
    await delays(1);
    closed.abort();
    expect(await waiting).toBe("busy");
    expect(await check("192.0.2.9", true)).toBe("busy");
  });

  test("turns away what would make too long a queue", async () => {
    const { throttle } = openThrottle({ waitingMax: 2 });
    const gate = Promise.withResolvers<boolean>();
    const outcomes = Array.from({ length: 100 }, () => throttle.check(HOME, () => gate.promise));
    expect(await Promise.all(outcomes.slice(3))).toEqual(Array(97).fill("busy"));
    gate.resolve(true);
    expect(await Promise.all(outcomes.slice(0, 3))).toEqual(["right", "right", "right"]);
  });

  test("goes on after a check that throws", async () => {
    const { throttle, check } = openThrottle();
    const failing = Array.from({ length: 50 }, () =>
      throttle.check(HOME, () => Promise.reject(new Error("no hash"))),
    );
    const results = await Promise.allSettled(failing);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(await check(HOME, true)).toBe("right");
  });
});

test("turns are taken in order, no more at once than allowed", async () => {
  const turns = createTurns({ atOnceMax: 2, waitingMax: 10 });
  const order: number[] = [];
  let [running, runningMax] = [0, 0];
  await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      turns.run(async () => {
        order.push(at);
        running += 1;
        runningMax = Math.max(runningMax, running);
        await new Promise<void>((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(runningMax).toBe(2);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["1:2:3:4:5:6:192.0.2.1", "1:2:3:4::/64"],
  ["::", "0:0:0:0::/64"],
  ["no address", "no address"],
  ["", ""],
])("the address %j counts as %s", (address, range) => {
  expect(toAddressRange(address)).toBe(range);
});
