// Who waits for a message over HTTP, on a server of its own, so that one can see how many wait.

import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { toProblemResponse } from "../../src/http/problem.ts";
import type { Streams } from "../../src/http/streams.ts";
import { valueRoute } from "../../src/http/value-route.ts";
import { toViadutoError } from "../../src/lib/errors.ts";
import { createLastValues } from "../../src/store/last-values.ts";
import { createObservation } from "../../src/store/observation.ts";
import { createWaiters } from "../../src/store/waiters.ts";
import { expectProblem } from "../kit/problems.ts";

const BYTES_MAX = 1 << 20;

// Nobody asks for a stream here.
const NO_EVENTS = { history: undefined, resumeMessagesMax: 0, streams: {} as Streams };

function serve(waitersMax = 10) {
  const observation = createObservation();
  const values = createLastValues({ topicsMax: 10, bytesMax: BYTES_MAX });
  observation.add(values.put);
  const waiters = createWaiters(observation, waitersMax);
  const stopping = new AbortController();
  const held: string[] = [];
  const hold = async (filter: string) => {
    held.push(filter);
    return { [Symbol.dispose]: () => void held.splice(held.indexOf(filter), 1) };
  };
  const routes = new Elysia()
    .onError(({ error }) => toProblemResponse(toViadutoError(error)))
    .use(valueRoute({ ...NO_EVENTS, values, waiters, hold, stopping: stopping.signal }));
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (one) => routes.handle(one) });
  const ask = (path: string, init?: RequestInit) => fetch(`${server.url}topics/${path}`, init);
  return {
    waiters,
    stopping,
    held,
    ask,
    note: (topic: string, text: string) => {
      observation.note(topic, { payload: Buffer.from(text), qos: 0, retain: false });
    },
    // Each answer is an event, after which it looks again.
    async waitForSize(size: number) {
      while (waiters.size !== size) await (await ask("none")).body?.cancel();
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test("one more than may wait is refused, and one that leaves makes room", async () => {
  await using served = serve(1);
  const leaving = new AbortController();
  const left = served.ask("a?wait=10m", { signal: leaving.signal }).catch(() => "left");
  await served.waitForSize(1);
  expect(served.held).toEqual(["a"]);
  const problem = await expectProblem(await served.ask("b?wait=10m"), 503, "waiters_full");
  expect(problem.detail).toBe("no more than 1 may wait for a message at once");
  leaving.abort();
  await served.waitForSize(0);
  expect(await left).toBe("left");
  expect(served.held).toEqual([]);
  const next = served.ask("b?wait=10m");
  await served.waitForSize(1);
  served.note("b", "here");
  expect(await (await next).text()).toBe("here");
});

test("all end when the bridge stops, and none comes after that", async () => {
  await using served = serve();
  const waiting = [served.ask("a?wait=10m"), served.ask("b?wait=10m")];
  await served.waitForSize(2);
  served.stopping.abort();
  for (const one of waiting) await expectProblem(await one, 503, "link_closed");
  await expectProblem(await served.ask("c?wait=10m"), 503, "link_closed");
  expect([served.waiters.size, served.held]).toEqual([0, []]);
});

test("a message of another topic ends nobody's wait", async () => {
  await using served = serve();
  const waiting = served.ask("a?wait=10m");
  await served.waitForSize(1);
  served.note("b", "other");
  served.note("a/b", "below");
  expect(served.waiters.size).toBe(1);
  served.note("a", "mine");
  expect(await (await waiting).text()).toBe("mine");
});
