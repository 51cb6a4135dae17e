// Writes into a folder of handlers: files that are the user's from then on, and .viaduto/, which
// stays ours. Used by init, new and test. Never writes over a file that it may not have made.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Files } from "./bundled-files.ts";

/** Beside tsconfig.json, which points to it: the types of viaduto, and its modules for tests. */
export const SUPPORT_FOLDER = ".viaduto";

/** Writes a file unless there is one: then false. Throws `file_unwritable`. */
export async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" }); // Fails when it is there, even as a dead link.
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") {
      if (await Bun.file(file).exists()) return false;
    }
    throw toUnwritable(file, cause);
  }
}

/** Makes `.viaduto/` in the folder what it is in this version. Throws `file_unwritable`. */
export async function updateSupport(folder: string, support: Files): Promise<void> {
  for (const [name, text] of Object.entries(support)) {
    const file = join(folder, SUPPORT_FOLDER, name);
    try {
      // Left alone when it is right: an editor reads it again whenever it is written.
      if ((await readText(file)) !== text) await Bun.write(file, text);
    } catch (cause) {
      throw toUnwritable(file, cause);
    }
  }
}

async function readText(path: string): Promise<string | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : undefined;
}

function toUnwritable(file: string, cause: unknown): ViadutoError {
  return new ViadutoError("file_unwritable", { file, reason: toReason(cause) }, { cause });
}
