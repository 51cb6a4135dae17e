// A second's worth of requests for each token, or each address where no token is asked for.

import { describe, expect, test } from "bun:test";
import { createRateLimit } from "../../src/http/rate-limit.ts";
import { openGuard } from "../kit/guards.ts";
import { expectProblem } from "../kit/problems.ts";
import { openTokenBridge } from "../kit/token-bridge.ts";

describe("a bucket", () => {
  function openLimit(perSecondMax: number) {
    let nowMs = 0;
    const limit = createRateLimit(perSecondMax, () => nowMs);
    const countGranted = (key: string, times: number) => {
      let granted = 0;
      for (let at = 0; at < times; at++) if (limit?.take(key).isGranted) granted += 1;
      return granted;
    };
    return {
      limit,
      countGranted,
      move: (ms: number) => {
        nowMs += ms;
      },
    };
  }

  test("has a second's worth, fills with time, and never has more", () => {
    const { countGranted, move } = openLimit(10);
    expect(countGranted("a", 20)).toBe(10);
    move(250);
    expect(countGranted("a", 20)).toBe(2);
    move(50); // With the half ticket that was left.
    expect(countGranted("a", 20)).toBe(1);
    move(3_600_000);
    expect(countGranted("a", 20)).toBe(10);
  });

  test("is each caller's own, and 0 is no limit", () => {
    const { countGranted } = openLimit(1);
    expect([countGranted("a", 2), countGranted("b", 2)]).toEqual([1, 1]);
    expect(createRateLimit(0, () => 0)).toBeUndefined();
  });

  test("of who was not seen for longest is forgotten, so that memory is bounded", () => {
    const { countGranted } = openLimit(1);
    expect(countGranted("first", 2)).toBe(1);
    for (let at = 0; at < 9_999; at++) countGranted(`k${at}`, 1);
    expect(countGranted("first", 1)).toBe(0);
    for (let at = 0; at < 10_000; at++) countGranted(`l${at}`, 1);
    expect(countGranted("first", 1)).toBe(1);
  });

  test("a clock that goes back takes nothing away", () => {
    const { countGranted, move } = openLimit(2);
    expect(countGranted("a", 1)).toBe(1);
    move(-1_000);
    expect(countGranted("a", 2)).toBe(1);
  });
});

test("who sends more is told so, and when to come again; others are not held up", async () => {
  const guard = openGuard(["--http-requests-per-second-max", "1"]);
  const ask = (address: string, path = "/topics/a") => {
    const request = new Request(`http://localhost${path}`);
    return guard.handle(request, address, async () => new Response("passed"));
  };
  const first = await ask("10.0.0.1");
  expect([first.status, first.headers.get("RateLimit")]).toEqual([200, '"requests";r=0;t=1']);
  expect(first.headers.get("RateLimit-Policy")).toBe('"requests";q=1;w=1');
  let answer = first;
  // The second request may come a second later on a busy machine.
  for (let at = 0; at < 100 && answer.status === 200; at++) answer = await ask("10.0.0.1");
  expect(answer.headers.get("Retry-After")).toBe("1");
  expect(answer.headers.get("RateLimit")).toBe('"requests";r=0;t=1');
  await expectProblem(answer, 429, "requests_too_many");
  expect((await ask("10.0.0.2")).status).toBe(200);
  for (let at = 0; at < 3; at++) expect((await ask("10.0.0.1", "/health")).status).toBe(200);
});

test("with tokens it is counted by token, from whatever address", async () => {
  const flags = ["--http-requests-per-second-max", "1"];
  await using opened = await openTokenBridge("token a a\nread\ntoken b b\nread\n", flags);
  const ask = async (token: string) => (await opened.ask("/handlers", token)).status;
  let status = await ask("a");
  for (let at = 0; at < 100 && status === 200; at++) status = await ask("a");
  expect(status).toBe(429);
  expect(await ask("b")).toBe(200);
});
