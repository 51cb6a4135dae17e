// `viaduto dead` as people run it: a process of its own, beside a store that is open or not.

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Elysia } from "elysia";
import { findFreePort } from "../../scripts/free-port.ts";
import { deadLettersRoute } from "../../src/http/dead-letters-route.ts";
import { toProblemResponse } from "../../src/http/problem.ts";
import { toViadutoError, ViadutoError } from "../../src/lib/errors.ts";
import { makeFolder, makeLetter, openStore } from "../kit/dead-letters.ts";
import { runMain } from "./process-runner.ts";

const EVIL = "a\n\u001b[2Jb";

/** A folder, the store in it, open, and the command over the same file. */
async function openFolder() {
  const folder = await makeFolder();
  const { store } = openStore({ folder: folder.path });
  return {
    store,
    path: folder.path,
    dead: (...argv: string[]) => runMain(["dead", ...argv, "--data", folder.path]),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A bridge's routes over that store; letter 1 is handled, any other fails again. */
function startRoutes({ store }: Awaited<ReturnType<typeof openFolder>>) {
  const redrive = async (id: number) => {
    if (!store.get(id)) throw new ViadutoError("dead_letter_unknown", { id });
    if (id > 1)
      throw new ViadutoError("handler_failed", { handler: "h", topic: "t", reason: "no" });
    store.remove(id);
  };
  const routes = new Elysia()
    .onError(({ error }) => toProblemResponse(toViadutoError(error)))
    .use(deadLettersRoute(store, redrive));
  const server = Bun.serve({ port: 0, fetch: (request) => routes.handle(request) });
  return {
    flags: ["--port", String(server.port)],
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("dead list", () => {
  test("shows an aligned table, newest first, while the bridge has the file open", async () => {
    await using folder = await openFolder();
    await folder.store.put(makeLetter({ handler: "ç", reason: "x".repeat(500) }));
    const failure = { code: "payload_invalid", reason: EVIL, attempts: 0 } as const;
    await folder.store.put(makeLetter(failure, { topic: "devices/sensor-1/update" }));
    const { stdout, stderr, exitCode } = await folder.dead();
    expect([stderr, exitCode]).toEqual(["", 0]);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^id {2}at +handler +topic +code +runs +reason$/);
    expect(lines[1]).toMatch(/^2 {3}\d{4}-.*devices\/sensor-1\/update {2}payload_invalid {2}0 /);
    expect(lines[1]).toEndWith("a\\u000a\\u001b[2Jb");
    expect(lines[2]).toMatch(/^1 .* {2}ç {15}devices\/update {11}handler_failed {3}3 {5}x+…$/);
    expect(lines.slice(3)).toEqual([
      "",
      "2 of 2 dead letters, 48 bytes. More of one: viaduto dead show 2",
      "",
    ]);
  });

  test("--json is one letter per line, and filters are those of HTTP", async () => {
    await using folder = await openFolder();
    for (const topic of ["a/1", "b/1", "a/2"]) {
      await folder.store.put(makeLetter({ handler: topic }, { topic }));
    }
    const list = async (...flags: string[]) => {
      const { stdout } = await folder.dead("list", "--json", ...flags);
      return stdout.split("\n").flatMap((line) => (line ? [JSON.parse(line).id] : []));
    };
    expect(await list()).toEqual([3, 2, 1]);
    expect(await list("--topic", "a/+")).toEqual([3, 1]);
    expect(await list("--handler", "b/1")).toEqual([2]);
    expect(await list("--limit", "1")).toEqual([3]);
  });

  test("says that there is no file, and makes none", async () => {
    await using folder = await makeFolder();
    const path = join(folder.path, "typo");
    const { stdout, stderr, exitCode } = await runMain(["dead", "--data", path]);
    expect([stdout, exitCode]).toEqual(["no dead letters\n", 0]);
    expect(stderr).toStartWith(`there is no ${path}/dead-letters.sqlite`);
    expect(existsSync(path)).toBe(false);
  });

  test("leaves all letters, although the limits here are lower than the bridge's", async () => {
    await using folder = await openFolder();
    for (let count = 0; count < 5; count++) await folder.store.put(makeLetter());
    const { stdout } = await folder.dead("list", "--dead-letters-max", "1");
    expect(stdout).toContain("5 of 5 dead letters");
    expect(folder.store.size).toBe(5);
  });

  test("tells a damaged file, and a bridge that keeps letters in memory only", async () => {
    await using folder = await makeFolder();
    writeFileSync(join(folder.path, "dead-letters.sqlite"), "my notes");
    const damaged = await runMain(["dead", "--data", folder.path]);
    expect(damaged.exitCode).toBe(2);
    expect(damaged.stderr).toContain("dead-letters.sqlite cannot be used: it is no SQLite file");
    expect(readdirSync(folder.path)).toEqual(["dead-letters.sqlite"]);
    const memory = await runMain(["dead"], { DATA_DIR: ":memory:" });
    expect(memory.exitCode).toBe(2);
    expect(memory.stderr).toContain("GET /dead-letters");
  });
});

describe("dead show", () => {
  test("shows all of a letter, and no line of it passes for ours", async () => {
    await using folder = await openFolder();
    const properties = { contentType: EVIL, correlationData: Buffer.from("7") };
    const payload = Buffer.from('{\n  "a": "\u001b[2J"\n}\nid  9');
    const failure = { reason: EVIL, path: "/a", stack: "Error: x\n    at run (a.ts:1:1)" };
    await folder.store.put(makeLetter(failure, { payload, properties }));
    const { stdout, exitCode } = await folder.dead("show", "1");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u001b");
    const [facts, ...rest] = stdout.split("\n\n");
    expect(facts).toContain("reason            a\\u000a\\u001b[2Jb\npath              /a\n");
    expect(facts).toContain("correlation_data  7\n");
    expect(rest.join("\n\n")).toBe(
      `payload, ${payload.length} bytes:\n  {\n    "a": "\\u001b[2J"\n  }\n  id  9\n\n` +
        "stack:\n  Error: x\n      at run (a.ts:1:1)\n",
    );
  });

  test("--json has every byte", async () => {
    await using folder = await openFolder();
    const payload = Buffer.alloc(10_000, 0xff);
    await folder.store.put(makeLetter({}, { payload }));
    const { stdout } = await folder.dead("show", "1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      id: 1,
      payload: payload.toString("base64"),
      payload_encoding: "base64",
    });
    expect((await folder.dead("show", "1")).stdout).toContain("payload, 10000 bytes, as base64:");
  });

  test("an unknown or missing id ends with 2", async () => {
    await using folder = await openFolder();
    const [unknown, missing, none] = await Promise.all(
      [["7"], [], ["x"]].map((argv) => folder.dead("show", ...argv)),
    );
    expect([unknown, missing, none].map((result) => result?.exitCode)).toEqual([2, 2, 2]);
    expect(unknown?.stderr).toContain("there is no dead letter 7");
    expect(missing?.stderr).toContain("viaduto dead show 7");
    expect(none?.stderr).toContain("the id is 'x'");
  });
});

describe("dead purge", () => {
  test("deletes those of a handler, the old ones, or all", async () => {
    await using folder = await openFolder();
    for (const handler of ["a", "a", "b", "c"]) await folder.store.put(makeLetter({ handler }));
    const outputOf = async (...flags: string[]) => (await folder.dead("purge", ...flags)).stdout;
    expect(await outputOf("--handler", "a")).toBe("2 dead letters deleted\n");
    expect(await outputOf("--older-than-hours", "1")).toBe("0 dead letters deleted\n");
    expect(await outputOf("--json")).toBe('{"purged":2}\n');
    expect(folder.store.size).toBe(0);
  });

  test("deletes nothing when it is misspelt", async () => {
    await using folder = await openFolder();
    await folder.store.put(makeLetter());
    for (const argv of [["--topic", "a"], ["1"], ["--older-than-hours", "x"], ["--handlr", "a"]]) {
      expect((await folder.dead("purge", ...argv)).exitCode).toBe(2);
    }
    expect((await folder.dead("puge")).stderr).toContain("'puge' was not expected");
    expect(folder.store.size).toBe(1);
  });
});

describe("dead redrive", () => {
  test("asks the running bridge, and tells what came of it", async () => {
    await using folder = await openFolder();
    await using bridge = startRoutes(folder);
    for (let count = 0; count < 3; count++) await folder.store.put(makeLetter());
    // A proxy is for the world outside, not for this machine.
    const env = { http_proxy: "http://127.0.0.1:1", HTTP_PROXY: "http://127.0.0.1:1" };
    const redrive = (...argv: string[]) =>
      runMain(["dead", "redrive", ...argv, ...bridge.flags], env);
    const done = await redrive("1");
    expect(done).toEqual({ exitCode: 0, stdout: "dead letter 1 is handled\n", stderr: "" });
    const failed = await redrive("2");
    expect([failed.exitCode, failed.stdout]).toEqual([1, ""]);
    expect(failed.stderr).toContain("the handler h failed on 't': no");
    const gone = await redrive("1");
    expect(gone.stderr).toContain("there is no dead letter 1");
    const all = await redrive("--all");
    expect([all.exitCode, all.stdout]).toEqual([1, "0 handled, 2 failed again\n"]);
    const some = await redrive("--all", "--handler", "x&y", "--json");
    expect([some.exitCode, some.stdout]).toEqual([0, '{"handled":0,"failed":0}\n']);
  });

  test("says what to do when no bridge runs, or something else answers", async () => {
    const port = String(await findFreePort());
    const none = await runMain(["dead", "redrive", "1", "--host", "0.0.0.0", "--port", port]);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toStartWith(
      `viaduto: no bridge answers at http://127.0.0.1:${port}: nothing listens there\n  → start`,
    );
    using deaf = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => void socket.terminate() },
    });
    const cut = await runMain(["dead", "redrive", "1", "--port", String(deaf.port)]);
    expect(cut.stderr).toContain("it hung up before its answer");
    for (const response of ["<html>", '{"detail":1}']) {
      using server = Bun.serve({ port: 0, fetch: () => new Response(response, { status: 404 }) });
      const foreign = await runMain(["dead", "redrive", "1", "--port", String(server.port)]);
      expect([foreign.exitCode, foreign.stdout]).toEqual([1, ""]);
      expect(foreign.stderr).toContain("no bridge answers at");
    }
  });

  test("wants an id or --all, and not both", async () => {
    const results = await Promise.all(
      [[], ["1", "--all"], ["1", "--handler", "a"], ["--handler", "a"]].map((argv) =>
        runMain(["dead", "redrive", ...argv]),
      ),
    );
    for (const { exitCode } of results) expect(exitCode).toBe(2);
    expect(results[0]?.stderr).toContain("the id of a dead letter, or --all, is missing");
  });
});

test("help shows the flags of each action", async () => {
  const { stdout, exitCode } = await runMain(["dead", "--help"]);
  expect(exitCode).toBe(0);
  for (const word of ["viaduto dead purge\n", "--older-than-hours <n>", "--data the folder"]) {
    expect(stdout).toContain(word);
  }
});
