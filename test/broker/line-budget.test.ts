// Lines that strangers can cause are few, whatever they do, and none is lost from the count.

import { expect, test } from "bun:test";
import { createLineBudget } from "../../src/broker/line-budget.ts";
import { createLogger } from "../../src/lib/log.ts";
import { createLogLines } from "../kit/log-lines.ts";

/** A while that does not end during a test. */
const LONG_MS = 3_600_000;

function openBudget(whileMs: number) {
  const { writer, lines, waitForLine } = createLogLines();
  const head = { name: "Broker", level: "debug", format: "text", colour: false } as const;
  const budget = createLineBudget({ log: createLogger({ ...head, writer }), whileMs });
  const words = () => lines.map((line) => line.replace(/^.*? - Broker - /, ""));
  return {
    words,
    waitForLine,
    tell: (cause: string, host: string, line = `${cause} at ${host}`, linesMax?: number) => {
      budget.tell("warn", cause, host, () => line, linesMax);
    },
    close: async () => {
      await budget[Symbol.asyncDispose]();
      await writer.flush();
      return words();
    },
  };
}

test("the first of a host are written, and the others are counted", async () => {
  const { tell, close } = openBudget(LONG_MS);
  for (let at = 0; at < 1_000; at++) tell("refused", "10.0.0.7", `refused ${at}`);
  tell("refused", "10.0.0.8", "refused another");
  expect(await close()).toEqual([
    "WARN - refused 0",
    "WARN - refused 1",
    "WARN - refused 2",
    "WARN - refused 3",
    "WARN - refused 4; more of this is counted from here on",
    "WARN - refused another",
    "WARN - 995 times more: refused; from 10.0.0.7 (995)",
  ]);
});

test("one cause does not hide another", async () => {
  const { tell, close } = openBudget(LONG_MS);
  for (let at = 0; at < 10; at++) tell("this", "10.0.0.7");
  tell("that", "10.0.0.7");
  expect(await close()).toContain("WARN - that at 10.0.0.7");
});

test("where once is enough, it is told once", async () => {
  const { tell, close } = openBudget(LONG_MS);
  for (let at = 0; at < 3; at++) tell("full", "a", "full", 1);
  expect(await close()).toEqual([
    "WARN - full; more of this is counted from here on",
    "WARN - 2 times more: full; from a (2)",
  ]);
});

test("many hosts make few lines, too, and the loudest are named", async () => {
  const { tell, close } = openBudget(LONG_MS);
  for (let at = 0; at < 20_000; at++) tell("refused", `10.0.${at >> 8}.${at & 255}`);
  for (let at = 0; at < 99; at++) tell("refused", "10.0.0.1");
  const lines = await close();
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toMatch(
    /^WARN - 20049 times more: refused; from others \(19000\), 10\.0\.0\.1 \(9\d\), 10\.0\.0\.\d+ /,
  );
  expect(lines.at(-1)).toMatch(/ \(1\), and \d+ more addresses$/);
});

test("what goes on and on is a number, until it was calm for a while", async () => {
  const { tell, words, waitForLine, close } = openBudget(20);
  for (let at = 0; at < 6; at++) tell("refused", "a");
  await waitForLine(/once more: refused; from a \(1\)/);
  tell("refused", "a", "not written");
  tell("refused", "a", "not written");
  await waitForLine(/ 2 times more: refused; from a \(2\)/);
  tell("refused", "a", "written again");
  await close();
  expect(words().filter((line) => line.includes("not written"))).toEqual([]);
  expect(words().at(-1)).toBe("WARN - written again");
});

test("a line that is not written is not built", async () => {
  const { writer } = createLogLines();
  const head = { name: "Broker", level: "debug", format: "text", colour: false } as const;
  await using budget = createLineBudget({ log: createLogger({ ...head, writer }) });
  let built = 0;
  for (let at = 0; at < 100; at++) budget.tell("info", "x", "a", () => `${built++}`);
  expect(built).toBe(5);
});
