// /dead-letters over real HTTP, with a real store: read and deleted.

import { describe, expect, test } from "bun:test";
import { makeLetter } from "../kit/dead-letters.ts";
import { type Letter, startDeadLettersServer as startServer } from "../kit/dead-letters-server.ts";
import { expectProblem } from "../kit/problems.ts";

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
    expect(await purge("?before=2023-11-15T00:13:20+02:00")).toEqual({ purged: 0 });
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
