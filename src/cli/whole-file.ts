// Writes a file as a whole or not at all: a program that reads it meanwhile, and a crash, see the
// one before or the one after. Used by passwd.

import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";

const OWNER_ONLY = 0o600;
/** What a file may keep of its rights: those of its owner and its group. */
const NOT_OTHERS = 0o770;

/**
 * Puts the text in place of what is in the file. A new file is for its owner alone; one that is
 * there keeps owner and group, and loses what others may do. Throws `file_unwritable`.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  try {
    // A link goes on to be one; what it points to is replaced.
    const target = await realpath(file).catch(() => file);
    const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
    try {
      await using handle = await open(draft, "wx", OWNER_ONLY);
      await handle.writeFile(text);
      await takeOverRights(handle, target);
      await handle.sync();
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  } catch (cause) {
    throw new ViadutoError("file_unwritable", { file, reason: toReason(cause) }, { cause });
  }
}

// A broker that runs as another user must go on being able to read it.
async function takeOverRights(handle: FileHandle, target: string): Promise<void> {
  const [before, own] = [await stat(target).catch(() => undefined), await handle.stat()];
  if (!before) return;
  if (before.uid !== own.uid || before.gid !== own.gid) await handle.chown(before.uid, before.gid);
  await handle.chmod(before.mode & NOT_OTHERS);
}
