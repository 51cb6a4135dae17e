// `viaduto docs` prints the documents that a running bridge answers, and starts none.

import { expect, test } from "bun:test";
import { makeFolder } from "../handlers/folder-maker.ts";
import { startBridge } from "../kit/bridge.ts";
import { runMain } from "./process-runner.ts";

const HANDLERS = {
  "a.ts": `import { on, t, topic } from "viaduto";
export const sent = topic("sent/{id}", { payload: t.Object({ a: t.Number() }) });
export default on(topic("in/{id}", { payload: t.String() }), () => {});
setInterval(() => {}, 1_000); // The command ends all the same.
`,
};

test("docs openapi prints what the bridge answers at /openapi.json", async () => {
  await using bridge = await startBridge();
  const { stdout, stderr, exitCode } = await runMain(["docs", "openapi"]);
  expect([stderr, exitCode]).toEqual(["", 0]);
  expect(JSON.parse(stdout)).toEqual(await (await fetch(`${bridge.url}/openapi.json`)).json());
});

test("docs asyncapi loads the handlers, also as YAML", async () => {
  await using made = makeFolder(HANDLERS);
  const argv = ["docs", "asyncapi", "--handlers", made.path, "--document-title", "a plant"];
  const json = await runMain(argv);
  expect([json.stderr, json.exitCode]).toEqual(["", 0]);
  const document = JSON.parse(json.stdout);
  expect(document.info.title).toBe("a plant");
  expect(Object.keys(document.channels)).toEqual(["in_id", "sent_id"]);
  expect(document.servers.tcp.host).toBe("127.0.0.1:1883");
  for (const format of [["--format", "yaml"], ["--format=yaml"]]) {
    const yaml = await runMain([...argv, ...format]);
    expect(yaml.stdout).toStartWith("asyncapi: 3.0.0\n");
    expect(Bun.YAML.parse(yaml.stdout)).toEqual(document);
  }
});

test.each([
  [["docs"], "there is no document ''"],
  [["docs", "opnapi"], "did you mean 'openapi'?"],
  [["docs", "openapi", "--format", "xml"], "json or yaml"],
  [["docs", "asyncapi", "--prot", "1"], "--prot"],
])("%p is used wrongly", async (argv, words) => {
  const { stderr, exitCode } = await runMain(argv);
  expect(stderr).toContain(words);
  expect(exitCode).toBe(2);
});

test("a file that cannot be loaded is named, and nothing is printed", async () => {
  await using made = makeFolder({ ...HANDLERS, "b.ts": "const a = ;\n" });
  const { stdout, stderr, exitCode } = await runMain(["docs", "asyncapi", "--handlers", made.path]);
  expect([stdout, exitCode]).toEqual(["", 1]);
  expect(stderr).toContain("b.ts:1:11");
});
