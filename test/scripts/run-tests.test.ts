import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, runTests } from "../../scripts/run-tests.ts";

/** The counts of a run of `bun test` over one file with this body. */
async function countsOf(body: string, ...args: string[]) {
  const cwd = await mkdtemp(join(tmpdir(), "viaduto-counts-"));
  try {
    const text = `import { test, expect, describe, beforeAll, afterAll } from "bun:test";\n${body}`;
    await writeFile(join(cwd, "one.test.ts"), text);
    return await runTests({ cwd, args, print: () => {} });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

test("passed, failed and skipped tests are told apart", async () => {
  const body = `
    test("a", () => {});
    describe("b", () => { test("c", () => { expect(1).toBe(2); }); test("d", () => {}); });
    test.skip("e", () => {});
    test.todo("f");
  `;
  expect(await countsOf(body)).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

test("an error outside of tests counts, beside the failures of tests", async () => {
  const body = `
    test("a", () => { throw new Error("of a test"); });
    describe("b", () => { throw new Error("of no test"); });
  `;
  expect(await countsOf(body)).toEqual({ passed: 0, failed: 2, skipped: 0 });
  const rejected = `
    test("a", () => {});
    afterAll(() => { Promise.reject(new Error("of no test")); });
  `;
  expect(await countsOf(rejected)).toMatchObject({ passed: 1, failed: 1 });
});

test("a test file that does not load is a failure", async () => {
  expect(await countsOf("test('a', () => {")).toMatchObject({ passed: 0, failed: 1 });
  expect(await countsOf("import './gone.ts'; test('a', () => {});")).toMatchObject({ failed: 1 });
  expect(await countsOf("throw new Error('top');")).toMatchObject({ failed: 1 });
});

test("a failing hook is a failure", async () => {
  const body = "beforeAll(() => { throw new Error(); }); test('a', () => {});";
  expect(await countsOf(body)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a runner that ends early is a failure, even with exit code 0", async () => {
  const leaves = "test('a', () => {}); test('b', () => { process.exit(0); });";
  expect(await countsOf(leaves)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const crashes = "test('a', () => { process.kill(process.pid, 'SIGKILL'); });";
  expect(await countsOf(crashes)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("what a test leaves behind is ended when the runner crashes", async () => {
  // The program holds the runner's output open: counting would wait for it, were it not ended.
  const leaves = `
    Bun.spawn(["sleep", "600"], { stdout: "inherit", stderr: "inherit" });
    test("a", () => { process.kill(process.pid, "SIGKILL"); });
  `;
  expect(await countsOf(leaves)).toMatchObject({ failed: 1 });
});

test("a filter that matches nothing is a failure, and arguments reach the runner", async () => {
  expect(await countsOf("test('a', () => {});", "nowhere")).toMatchObject({
    failed: 1,
  });
  const two = "test('a', () => {}); test('b', () => {});";
  expect(await countsOf(two, "-t", "^b$")).toMatchObject({ passed: 1, failed: 0 });
});

test("what a test prints is not taken for the summary", () => {
  const report = '<testsuites name="bun test" tests="2" failures="0" skipped="0">';
  const output = "\n\n 1 pass\n 3 errors\nRan 1 test across 1 file.\nmore\n\n 2 pass\n 0 fail\n";
  const counts = countTests({
    report,
    output: `${output}Ran 2 tests across 1 file. [9ms]\n`,
    exitCode: 0,
  });
  expect(counts).toEqual({ passed: 2, failed: 0, skipped: 0 });
});
