// Dead letters handled again, over real HTTP; how a letter is handled is the test's.

import { describe, expect, test } from "bun:test";
import { deadLettersRoute } from "../../src/http/dead-letters-route.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { makeLetter, openStore } from "../kit/dead-letters.ts";
import { startDeadLettersServer as startServer } from "../kit/dead-letters-server.ts";
import { expectProblem } from "../kit/problems.ts";

describe("POST redrive", () => {
  test("answers when the handler has done it", async () => {
    await using server = startServer(async (id) => void server.store.remove(id));
    await server.store.put(makeLetter());
    const answer = await server.ask("/1/redrive", "POST");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ id: 1, status: "handled" });
    expect(server.store.size).toBe(0);
  });

  test("tells why not: unknown letter, unknown handler, the failure of today", async () => {
    const errors = [
      new ViadutoError("dead_letter_unknown", { id: 1 }),
      new ViadutoError("handler_unknown", { handler: "gone" }),
      new ViadutoError("handler_failed", { handler: "a", topic: "b", reason: "again" }),
    ];
    await using server = startServer(async (id) => {
      throw errors[id - 1];
    });
    for (const [at, status] of [404, 409, 500].entries()) {
      const answer = await server.ask(`/${at + 1}/redrive`, "POST");
      await expectProblem(answer, status, errors[at]?.code ?? "");
    }
    await expectProblem(await server.ask("/x/redrive", "POST"), 404, "dead_letter_unknown");
  });

  test("of all goes oldest first, one after the other, past those that fail", async () => {
    const seen: number[] = [];
    let running = 0;
    await using server = startServer(async (id) => {
      expect(running).toBe(0);
      running += 1;
      seen.push(id);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (id === 2)
        throw new ViadutoError("handler_failed", { handler: "", topic: "", reason: "" });
      if (id === 3) throw new ViadutoError("dead_letter_unknown", { id });
      server.store.remove(id);
    });
    for (const handler of ["a", "a", "a", "b", "a"])
      await server.store.put(makeLetter({ handler }));
    const some = await server.ask("/redrive?handler=a", "POST");
    expect(await some.json()).toEqual({ handled: 2, failed: 1 });
    expect(seen).toEqual([1, 2, 3, 5]);
    const all = await server.ask("/redrive", "POST");
    expect(await all.json()).toEqual({ handled: 1, failed: 1 });
    await expectProblem(await server.ask("/redrive?handlr=a", "POST"), 400, "query_invalid");
  });

  test("of all ends when the bridge stops", async () => {
    await using server = startServer(() => Promise.reject(new ViadutoError("link_closed")));
    for (let count = 0; count < 3; count++) await server.store.put(makeLetter());
    await expectProblem(await server.ask("/redrive", "POST"), 503, "link_closed");
  });

  test("of all ends when the caller has left", async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const one = openStore();
    const seen: number[] = [];
    const routes = deadLettersRoute(one.store, async (id) => {
      seen.push(id);
      arrived.resolve();
      await gate.promise;
    });
    const answered = Promise.withResolvers<Response>();
    using server = Bun.serve({
      port: 0,
      async fetch(request) {
        request.signal.addEventListener("abort", () => left.resolve());
        answered.resolve(routes.handle(request));
        return await answered.promise;
      },
    });
    for (let count = 0; count < 3; count++) await one.store.put(makeLetter());
    const abort = new AbortController();
    const url = `http://127.0.0.1:${server.port}/dead-letters/redrive`;
    const caller = fetch(url, { method: "POST", signal: abort.signal }).catch(() => undefined);
    await arrived.promise;
    abort.abort();
    await caller;
    await left.promise;
    gate.resolve();
    await answered.promise;
    expect(seen).toEqual([1]);
    await one[Symbol.asyncDispose]();
  });
});
