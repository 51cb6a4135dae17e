// /dead-letters over real HTTP, with a real store; how a letter is handled again is the test's.

import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { deadLettersRoute } from "../../src/http/dead-letters-route.ts";
import { toProblemResponse } from "../../src/http/problem.ts";
import { toViadutoError, ViadutoError } from "../../src/lib/errors.ts";
import { makeLetter, openStore } from "../kit/dead-letters.ts";
import { expectProblem } from "../kit/problems.ts";

type Letter = Record<string, unknown>;

/** A server with these routes alone. */
function startServer(redrive: (id: number) => Promise<void> = async () => {}) {
  const one = openStore({ now: () => 1_700_000_000_000 });
  const app = new Elysia()
    .onError(({ error }) => toProblemResponse(toViadutoError(error)))
    .use(deadLettersRoute(one.store, redrive));
  const server = Bun.serve({ port: 0, fetch: (request) => app.handle(request) });
  const ask = (path: string, method = "GET") =>
    fetch(`http://127.0.0.1:${server.port}/dead-letters${path}`, { method });
  return {
    store: one.store,
    ask,
    list: async (query = "") => {
      const { dead_letters, ...rest } = (await (await ask(query)).json()) as {
        dead_letters: Letter[];
      };
      return { letters: dead_letters, ids: dead_letters.map(({ id }) => id), rest };
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await one[Symbol.asyncDispose]();
    },
  };
}

describe("GET /dead-letters", () => {
  test("says of each letter what, when, where from and why", async () => {
    await using server = startServer();
    const failure = { code: "payload_invalid", reason: "expected string", path: "/a" } as const;
    const properties = {
      contentType: "x",
      correlationData: Buffer.from([255]),
      userProperties: {},
    };
    const message = { payload: Buffer.from("é{"), retain: true, properties };
    await server.store.put(makeLetter({ ...failure, attempts: 0, stack: "at x" }, message));
    const { letters, rest } = await server.list();
    expect(rest).toEqual({ total: 1, bytes: 3, dropped: 0 });
    const listed = {
      id: 1,
      at: "2023-11-14T22:13:20.000Z",
      handler: "devices-update",
      topic: "devices/update",
      qos: 1,
      retain: true,
      properties: {
        correlation_data: "/w==",
        correlation_data_encoding: "base64",
        content_type: "x",
        user_properties: {},
      },
      received_at: "2023-11-14T22:13:20.000Z",
      ...failure,
      attempts: 0,
      redrives: 0,
      payload_bytes: 3,
      payload: "é{",
      payload_encoding: "plain",
    };
    expect(letters).toEqual([listed]);
    expect(await (await server.ask("/1")).json()).toEqual({ ...listed, stack: "at x" });
  });

  test("cuts long payloads, also within a character; one letter alone is whole", async () => {
    await using server = startServer();
    const text = "é".repeat(3_000).slice(0, 2_999);
    const long = Buffer.from(`x${text}`);
    await server.store.put(makeLetter({}, { payload: long }));
    const bytes = Buffer.alloc(5_000, 0xff);
    await server.store.put(makeLetter({}, { payload: bytes }));
    const { letters } = await server.list();
    expect(letters).toMatchObject([
      { payload_cut: true, payload_bytes: 5_000, payload_encoding: "base64" },
      { payload_cut: true, payload_encoding: "plain", payload: `x${text.slice(0, 1_023)}` },
    ]);
    const whole = (await (await server.ask("/2")).json()) as Letter;
    expect(whole.payload).toBe(bytes.toString("base64"));
    expect(whole).not.toHaveProperty("payload_cut");
    expect(await (await server.ask("/1")).json()).toMatchObject({ payload: `x${text}` });
  });

  test("pages with limit and before, and filters by handler and topic", async () => {
    await using server = startServer();
    for (const [handler, topic] of [
      ["a", "x/1"],
      ["b", "x/2"],
      ["a", "y"],
    ]) {
      await server.store.put(makeLetter({ handler: handler ?? "" }, { topic: topic ?? "" }));
    }
    expect((await server.list()).ids).toEqual([3, 2, 1]);
    expect((await server.list("?limit=2")).ids).toEqual([3, 2]);
    expect((await server.list("?limit=2&before=2")).ids).toEqual([1]);
    expect((await server.list("?handler=a")).ids).toEqual([3, 1]);
    expect((await server.list("?topic=x/%23")).ids).toEqual([2, 1]);
    expect((await server.list("?topic=x/%23")).rest).toMatchObject({ total: 3 });
  });

  test.each([
    ["?limit=0", "/limit"],
    ["?limit=1001", "/limit"],
    ["?limit=x", "/limit"],
    ["?limit=1&limit=2", "/limit"],
    ["?before=-1", "/before"],
    ["?topic=a/%23/b", "/topic"],
    ["?handler=", "/handler"],
    ["?hander=a", "/hander"],
  ])("refuses %s", async (query, path) => {
    await using server = startServer();
    const problem = await expectProblem(await server.ask(query), 400, "query_invalid");
    expect(problem.path).toBe(path);
  });

  test("an id that is none is 404", async () => {
    await using server = startServer();
    for (const id of ["1", "0", "x", "1e3", "9999999999999999999"]) {
      await expectProblem(await server.ask(`/${id}`), 404, "dead_letter_unknown");
      await expectProblem(await server.ask(`/${id}`, "DELETE"), 404, "dead_letter_unknown");
    }
  });
});

describe("DELETE /dead-letters", () => {
  test("deletes one, those of a handler, those before a time, or all", async () => {
    await using server = startServer();
    const purge = async (query: string) => (await server.ask(query, "DELETE")).json();
    for (const handler of ["a", "a", "b", "c"]) await server.store.put(makeLetter({ handler }));
    const one = await server.ask("/1", "DELETE");
    expect([one.status, await one.text()]).toEqual([204, ""]);
    expect(await purge("?handler=a")).toEqual({ purged: 1 });
    expect(await purge("?before=2023-11-14T22:13:20Z")).toEqual({ purged: 0 });
    expect(await purge("?handler=b&before=2023-11-14T22:13:20.001Z")).toEqual({ purged: 1 });
    expect(await purge("")).toEqual({ purged: 1 });
    expect(server.store.size).toBe(0);
  });

  test("deletes nothing when its filter is misspelt", async () => {
    await using server = startServer();
    await server.store.put(makeLetter());
    for (const query of ["?handlr=a", "?handler=", "?before=yesterday", "?before=1"]) {
      await expectProblem(await server.ask(query, "DELETE"), 400, "query_invalid");
    }
    expect(server.store.size).toBe(1);
  });
});

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

  test("of a letter that is under way waits for that one run", async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let runs = 0;
    await using server = startServer(async () => {
      runs += 1;
      arrived.resolve();
      await gate.promise;
    });
    const first = server.ask("/1/redrive", "POST");
    await arrived.promise;
    const second = server.ask("/1/redrive", "POST");
    await server.ask("/9"); // Behind it, so that the second has arrived as well.
    gate.resolve();
    expect([(await first).status, (await second).status, runs]).toEqual([200, 200, 1]);
    await server.ask("/1/redrive", "POST");
    expect(runs).toBe(2);
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
