// Runs `bun test` and counts what it did, from its JUnit report and its last lines.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** For one test; generous, because a test machine may be busy. */
const TEST_TIMEOUT_MS = 20_000;
/** For all; a test that never yields is stopped by nothing else. */
const RUN_TIMEOUT_MS = 12 * 60_000;

export type RunTestsOptions = {
  /** More arguments of `bun test`: paths, filters, flags. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Takes the output as it comes. */
  print(text: string): void;
};

/** Runs the tests. Throws nothing: a runner that breaks is one failure. */
export async function runTests({ args, cwd, print }: RunTestsOptions): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-tests-"));
  const reportFile = join(folder, "junit.xml");
  try {
    const reporter = ["--reporter=junit", `--reporter-outfile=${reportFile}`];
    const command = [
      process.execPath,
      "test",
      "--no-orphans", // A broker that a test leaves behind ends with the runner, even in a crash.
      `--timeout=${TEST_TIMEOUT_MS}`,
      ...reporter,
      ...args,
    ];
    const child = Bun.spawn(command, {
      cwd,
      timeout: RUN_TIMEOUT_MS,
      killSignal: "SIGKILL",
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    // Both go to one place, so that the line with the counts can be the last.
    const [, output, exitCode] = await Promise.all([
      forward(child.stdout, print),
      forward(child.stderr, print),
      child.exited,
    ]);
    const report = Bun.file(reportFile);
    const reportText = (await report.exists()) ? await report.text() : undefined;
    return countTests({ report: reportText, output, exitCode });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The counts of a run. The report alone would lie: it leaves out errors outside of tests and files
 * that do not load, and there is none at all after a crash or a `process.exit(0)` in a test.
 */
export function countTests(run: {
  readonly report: string | undefined;
  readonly output: string;
  readonly exitCode: number;
}): Counts {
  const root = /<testsuites\b[^>]*>/.exec(run.report ?? "")?.[0];
  if (root === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const numberOf = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const skipped = numberOf("skipped");
  const failures = numberOf("failures") + numberOf("errors");
  const failed = failures + countOutsideErrors(run.output);
  const passed = numberOf("tests") - failures - skipped;
  // Whatever else made the runner fail is at least one failure.
  return { passed, failed: run.exitCode === 0 ? failed : Math.max(failed, 1), skipped };
}

/** Errors that belong to no test, from the summary at the very end of the output. */
function countOutsideErrors(output: string): number {
  const summary = /\n\n((?: +\d+ .*\n)+)Ran \d+ tests? across .*\s*$/.exec(output)?.[1] ?? "";
  return Number(/^ +(\d+) errors?$/m.exec(summary)?.[1] ?? 0);
}

async function forward(
  stream: ReadableStream<Uint8Array>,
  print: (text: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const bytes of stream) {
    const text = decoder.decode(bytes, { stream: true });
    print(text);
    tail = (tail + Bun.stripANSI(text)).slice(-10_000); // The summary is far shorter.
  }
  return tail;
}
