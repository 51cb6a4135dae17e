// `viaduto dead redrive` towards a bridge that asks for a token.

import { expect, test } from "bun:test";
import { openLanLogin } from "../../src/app/lan-login.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { runMain } from "./process-runner.ts";

/** Answers with the Authorization header that it was sent, as its one failure. */
function startMirror() {
  const fetch = ({ headers }: Request) => {
    const detail = `you sent ${headers.get("authorization")}`;
    return Response.json({ code: "token_wrong", detail, hint: "x" }, { status: 401 });
  };
  return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
}

test("sends the token of --http-token or HTTP_TOKEN", async () => {
  using mirror = startMirror();
  const argv = ["dead", "redrive", "--all", "--port", String(mirror.port)];
  const flag = await runMain([...argv, "--http-token", "by-flag"]);
  expect([flag.exitCode, flag.stderr]).toEqual([
    1,
    "viaduto: the bridge says: you sent Bearer by-flag\n  → x\n",
  ]);
  const variable = await runMain(argv, { HTTP_TOKEN: "by-variable" });
  expect(variable.stderr).toContain("you sent Bearer by-variable");
});

test("without one sends what --lan has made in the data folder, or nothing", async () => {
  await using folder = await makeFolder();
  using mirror = startMirror();
  const place = ["--port", String(mirror.port), "--data", folder.path];
  const argv = ["dead", "redrive", "--all", ...place];
  expect((await runMain(argv)).stderr).toContain("you sent null");
  const made = openLanLogin({ lan: true, data: folder.path });
  expect((await runMain(argv)).stderr).toContain(`you sent Bearer ${made?.httpToken}`);
});
