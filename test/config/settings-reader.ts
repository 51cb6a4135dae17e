// Reads settings in a folder of its own with real files, for the tests of config.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../src/config/read.ts";
import { ViadutoError } from "../../src/lib/errors.ts";

export type Sources = {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Name → content, written into the folder first. */
  readonly files?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
};

export function readFrom({ argv = [], env = {}, files = {}, isTerminal = false }: Sources = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "viaduto-config-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
    return readSettings({ argv, env, cwd, isTerminal });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** The error that reading these sources throws. */
export function failFrom(sources: Sources): ViadutoError {
  return catchError(() => readFrom(sources));
}

export function catchError(act: () => unknown): ViadutoError {
  try {
    act();
  } catch (error) {
    if (error instanceof ViadutoError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
