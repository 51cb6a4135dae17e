// Tables of packets and what the frame rules say of them.

import { expect, test } from "bun:test";
import { findFrameProblem } from "../../src/lib/frame-rules.ts";

/** A packet of one version, and why it is refused; in hexadecimal, spaces allowed, or in bytes. */
export type BadFrame = readonly [
  name: string,
  version: 3 | 4 | 5,
  bytes: string | Buffer,
  reasonCode: number,
  words: string | RegExp,
];
export type GoodFrame = readonly [name: string, version: 3 | 4 | 5, bytes: string | Buffer];

export function toFrame(bytes: string | Buffer): Buffer {
  return typeof bytes === "string" ? Buffer.from(bytes.replaceAll(" ", ""), "hex") : bytes;
}

/** One test for each row. */
export function testRefused(rows: readonly BadFrame[]): void {
  test.each(rows)("%s (version %p)", (_name, version, bytes, reasonCode, words) => {
    const problem = findFrameProblem(toFrame(bytes), version);
    expect(problem?.words).toMatch(words);
    expect(problem?.reasonCode).toBe(reasonCode);
  });
}

export function testAccepted(rows: readonly GoodFrame[]): void {
  test.each(rows)("%s (version %p)", (_name, version, bytes) => {
    expect(findFrameProblem(toFrame(bytes), version)).toBeUndefined();
  });
}
