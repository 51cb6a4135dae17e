// A log whose lines a test can read and wait for.

import { Writable } from "node:stream";
import { createLineWriter, type LineWriter } from "../../src/lib/line-writer.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type LogLines = {
  readonly writer: LineWriter;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** The first line that matches, seen already or yet to come. */
  waitForLine(pattern: RegExp): Promise<string>;
};

export function createLogLines(): LogLines {
  const lines: string[] = [];
  const changes = createChanges();
  const sink = new Writable({
    write(bytes, _encoding, done) {
      lines.push(...String(bytes).trimEnd().split("\n"));
      changes.announce();
      done();
    },
  });
  return {
    writer: createLineWriter(sink),
    lines,
    waitForLine: (pattern) =>
      changes.wait(
        () => lines.find((line) => pattern.test(line)),
        WAIT_TIMEOUT_MS,
        () => new Error(`no log line with ${pattern}:\n${lines.join("\n")}`),
      ),
  };
}
