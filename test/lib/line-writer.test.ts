import { describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { createLineWriter } from "../../src/lib/line-writer.ts";
import { run } from "../kit/processes.ts";

const MODULE = join(import.meta.dir, "../../src/lib/line-writer.ts");
const LINE_COUNT = 20_000;

/** Logs 20 MB to its standard output, and tells on its standard error how it went. */
const PROGRAM = `
  import { createLineWriter } from ${JSON.stringify(MODULE)};
  const writer = createLineWriter(process.stdout);
  let ticks = 0;
  setInterval(() => { ticks += 1; }, 1).unref();
  for (let at = 0; at < ${LINE_COUNT}; at++) {
    writer.write(at + " " + "x".repeat(1000));
    if (at % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  console.error("ticks " + ticks + " rss " + process.memoryUsage().rss);
  for await (const _ of console) break;
  writer.write("the last line");
  await writer.flush();
  process.exit(0);
`;

/** The program, with its standard output in a pipe of which the test holds the reading end. */
async function startProgram() {
  const folder = mkdtempSync(join(tmpdir(), "viaduto-pipe-"));
  const path = join(folder, "pipe");
  await run("mkfifo", [path]);
  const readingEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stdout = openSync(path, constants.O_WRONLY);
  const command = [process.execPath, "-e", PROGRAM];
  const program = Bun.spawn(command, { stdin: "pipe", stdout, stderr: "pipe" });
  closeSync(stdout);
  rmSync(folder, { recursive: true });
  return {
    readingEnd,
    report: await readLine(program.stderr),
    /** Lets it write its last line; gives its exit code. */
    finish() {
      program.stdin.write("\n");
      program.stdin.end();
      return program.exited;
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Everything that this program says on its standard error until its first whole line. */
async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of stream) {
    text += new TextDecoder().decode(bytes);
    if (text.includes("\n")) break;
  }
  return text;
}

describe("a pipe that nobody reads", () => {
  test("blocks nothing, costs little memory, and tells later what was dropped", async () => {
    await using program = await startProgram();
    const [, ticks, rss] = /ticks (\d+) rss (\d+)/.exec(program.report) ?? [];
    expect(Number(ticks)).toBeGreaterThan(50);
    expect(Number(rss)).toBeLessThan(200 << 20);

    await using reader = Bun.spawn(["cat"], { stdin: program.readingEnd, stdout: "pipe" });
    closeSync(program.readingEnd);
    expect(await program.finish()).toBe(0);
    const lines = (await new Response(reader.stdout).text()).trimEnd().split("\n");
    const kept = lines.filter((line) => /^\d+ x{1000}$/.test(line));
    const dropped = lines.flatMap((line) => /^… (\d+) log lines dropped: .*/.exec(line)?.[1] ?? []);
    expect(dropped).toHaveLength(1);
    expect(kept.length + Number(dropped[0])).toBe(LINE_COUNT);
    expect(lines).toHaveLength(kept.length + 2);
    expect(lines).toContain("the last line");
  });

  test("and is closed in the end, ends nothing", async () => {
    await using program = await startProgram();
    closeSync(program.readingEnd); // EPIPE, from now on.
    expect(await program.finish()).toBe(0);
  });
});

/** A stream that takes a write when it is told to. */
function createSlowStream() {
  const texts: string[] = [];
  const takes: (() => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      texts.push(text);
      takes.push(done);
    },
  });
  return { stream, texts, take: () => takes.shift()?.() };
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("lines", () => {
  test("of one turn leave in one write", async () => {
    const { stream, texts } = createSlowStream();
    const writer = createLineWriter(stream);
    for (const line of ["one", "two", "three"]) writer.write(line);
    await nextTurn();
    expect(texts).toEqual(["one\ntwo\nthree\n"]);
  });

  test("wait while a write is on its way, and leave together after it", async () => {
    const { stream, texts, take } = createSlowStream();
    const writer = createLineWriter(stream);
    writer.write("one");
    await nextTurn();
    for (const line of ["two", "three"]) writer.write(line);
    await nextTurn();
    expect(texts).toEqual(["one\n"]);
    take();
    await nextTurn();
    expect(texts).toEqual(["one\n", "two\nthree\n"]);
  });

  test("beyond the limit are dropped and counted, later ones are not", async () => {
    const { stream, texts, take } = createSlowStream();
    const writer = createLineWriter(stream, 10);
    writer.write("12345");
    await nextTurn();
    for (const line of ["1234", "1234", "x", "y"]) writer.write(line); // Five bytes each, with \n.
    take();
    await nextTurn();
    take();
    writer.write("later");
    await nextTurn();
    const dropped = "… 2 log lines dropped: nobody read them in time";
    expect(texts).toEqual(["12345\n", `1234\n1234\n${dropped}\n`, "later\n"]);
  });

  test("count in bytes, not in characters", async () => {
    const { stream, texts } = createSlowStream();
    const writer = createLineWriter(stream, 10);
    writer.write("ßßßßß"); // Ten bytes, and one for the end of the line.
    writer.write("ok");
    await nextTurn();
    expect(texts[0]).toStartWith("ok\n… 1 log lines dropped");
  });
});

test("`flush` waits for what was written, and for nothing else", async () => {
  const { stream, texts, take } = createSlowStream();
  const writer = createLineWriter(stream);
  await writer.flush();
  writer.write("one");
  const flushed = writer.flush();
  await nextTurn();
  take();
  await flushed;
  expect(texts).toEqual(["one\n"]);
});

test("a stream that breaks takes nothing any more, and `flush` does not wait for it", async () => {
  const stream = new PassThrough();
  const writer = createLineWriter(stream);
  writer.write("one");
  stream.destroy(new Error("EPIPE"));
  await writer.flush();
  writer.write("two");
  await writer.flush();
});
