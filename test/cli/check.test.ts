import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handlerOn, makeFolder } from "../handlers/folder-maker.ts";
import { BINARY } from "../kit/bridge.ts";
import { run } from "../kit/processes.ts";
import { runMain } from "./process-runner.ts";

const GOOD = `import { on, t, topic } from "viaduto";
const update = topic("devices/{id}/update", { payload: t.Object({ a: t.Number() }) });
const logs = topic("logs/{rest...}", { content: "text" });
export default on(update, () => {}, {
  qos: 2, key: ({ params }) => params.id, concurrency: 4, timeout: 500, retries: 3,
});
export const other = on(logs, () => {}, { retained: "ignore", noLocal: true });
setInterval(() => {}, 1_000); // The command ends all the same.
`;
const FAULTY = {
  "good.ts": GOOD,
  "missing.ts": 'import { x } from "./gone.ts";\nexport default x;\n',
  "syntax.ts": "\n\tconst a = ;\n",
  "throws.ts": 'throw new Error("boom \\u001b[2J");\n',
};
/** What stands on stderr, with the folder in place of `<>`. */
const COMPLAINTS = [
  "<>/missing.ts:1:19 Cannot find module './gone.ts'",
  '    import { x } from "./gone.ts";',
  "                      ^",
  "  → the path counts from the file that imports it, and has its ending, such as .ts",
  "<>/syntax.ts:2:12 Unexpected ;",
  "     const a = ;",
  "               ^",
  "  → correct the line and save the file",
  "<>/throws.ts:1:11 Error: boom \\u001b[2J",
  '    throw new Error("boom \\u001b[2J");',
  "              ^",
  "  → this runs when the file is loaded, before any message: correct what throws",
  "",
  "viaduto: of 4 files, 3 cannot be loaded",
  "  → see above for what and where",
];

const toRows = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

test("check prints the topics as the broker is told them, and ends with 0", async () => {
  await using made = makeFolder({ "sub/good.ts": GOOD });
  const argv = ["check", "--handlers", made.path, "--origin", "plant/a", "--group", "g"];
  const { stdout, stderr, exitCode } = await runMain(argv);
  expect([stderr, exitCode]).toEqual(["", 0]);
  expect(toRows(stdout)).toEqual([
    ["HANDLER", "TOPIC", "SUBSCRIBED AS", "QOS", "OPTIONS"],
    [
      "sub/good.ts",
      "devices/{id}/update",
      "$share/g/plant/a/devices/+/update",
      "2",
      "key, concurrency 4, timeout 500 ms, retries 3",
    ],
    [
      "sub/good.ts#other",
      "logs/{rest...}",
      "$share/g/plant/a/logs/#",
      "1",
      "text, noLocal, retained ignore",
    ],
  ]);
});

test.each([
  ["from source", (argv: readonly string[]) => runMain(argv)],
  ["compiled", (argv: readonly string[]) => run(BINARY, argv, { cwd: tmpdir() })],
])("faulty files are told with place, line, caret and hint, and 1: %s", async (_, start) => {
  await using made = makeFolder(FAULTY);
  const { stdout, stderr, exitCode } = await start(["check", "--handlers", made.path]);
  expect(exitCode).toBe(1);
  expect(toRows(stdout).map(([handler]) => handler)).toEqual([
    "HANDLER",
    "good.ts",
    "good.ts#other",
  ]);
  const shown = stderr.replaceAll(made.path.slice(tmpdir().length + 1), "<>");
  expect(shown.trimEnd().split("\n")).toEqual(COMPLAINTS);
});

test("without a folder it is the built-in handler that runs", async () => {
  await using empty = makeFolder();
  const main = join(import.meta.dir, "../../src/main.ts");
  const { stdout, exitCode } = await run(process.execPath, [main, "check"], { cwd: empty.path });
  expect(exitCode).toBe(0);
  expect(toRows(stdout)[1]?.slice(0, 3)).toEqual([
    "devices-update (built in)",
    "devices/update",
    "devices/update",
  ]);
});

test("an empty folder is said to be so, and is no failure", async () => {
  await using made = makeFolder({ "_help.ts": handlerOn("a") });
  const { stdout, exitCode } = await runMain(["check", "--handlers", made.path]);
  expect([stdout, exitCode]).toEqual([`no handler in ${made.path}\n`, 0]);
});

test("a folder that is not there, and a flag that is not known, end with 2", async () => {
  const missing = await runMain(["check", "--handlers", "/no/such/folder"]);
  expect([missing.exitCode, missing.stderr]).toEqual([
    2,
    "viaduto: there is no folder /no/such/folder\n" +
      "  → make one with: viaduto init; or name another with --handlers\n",
  ]);
  const unknown = await runMain(["check", "--handler", "x"]);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain("did you mean '--handlers'? All flags: viaduto check --help");
});

test("a file may take as long to load as --handler-load-timeout says", async () => {
  await using made = makeFolder({ "a.ts": "await new Promise(() => {});\nexport default 1;\n" });
  const argv = ["check", "--handlers", made.path, "--handler-load-timeout", "50"];
  const { stderr, exitCode } = await runMain(argv);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("has not finished its top level within 50 ms");
});
