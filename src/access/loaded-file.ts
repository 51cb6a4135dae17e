// A file of rules that is read at the start, and again whenever it changes. What cannot be read
// later leaves the old content in force. Called by access; what the file means is the caller's.

import { readFile, stat } from "node:fs/promises";
import { joinSentences, toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { readFingerprint, watchFile } from "./file-changes.ts";

export type LoadedFile<T> = AsyncDisposable & {
  /** What the file said when it was last right. */
  current(): T;
  /** Reads it again; never throws, and logs what became of it. */
  reload(): Promise<void>;
};

export type LoadOptions<T> = {
  readonly file: string;
  readonly log: Logger;
  /** A file that others of this machine may read is warned about. */
  readonly isSecret: boolean;
  /** Throws an error of the catalogue for what it cannot read. */
  parse(bytes: Uint8Array): T;
  /** What is in it, in words for the log. */
  describe(content: T): string;
  /** Called when what was read again is in force. */
  onReload?(): void;
  /** What is right, and yet hardly meant, in words for the log; undefined when there is nothing. */
  findDoubt?(content: T): string | undefined;
};

const FILE_BYTES_MAX = 64 << 20;
const READABLE_BY_OTHERS = 0o004;

/** Throws `file_unreadable`, and what `parse` throws. */
export async function openLoadedFile<T>(options: LoadOptions<T>): Promise<LoadedFile<T>> {
  const { file, log, parse } = options;
  const closed = new AbortController();
  let isWarned = !options.isSecret || process.platform === "win32"; // No such rights there.
  const load = async () => {
    const { bytes, mode } = await readWhole(file);
    if (!isWarned && (mode & READABLE_BY_OTHERS) !== 0) {
      isWarned = true;
      log.warn(`${file} may be read by every user of this machine: chmod o= ${file}`);
    }
    const loaded = parse(bytes);
    const doubt = options.findDoubt?.(loaded);
    if (doubt !== undefined) log.warn(doubt);
    return loaded;
  };
  const fingerprint = await readFingerprint(file); // Before it is read: no change is missed.
  let content = await load();
  let reloading = Promise.resolve();

  async function reloadOnce(): Promise<void> {
    try {
      content = await load();
      log.info(`read ${file} again: ${options.describe(content)}`);
      options.onReload?.();
    } catch (thrown) {
      const { message, hint, code } = toViadutoError(thrown);
      log.error(joinSentences(`${message} — the old content stays`, hint), { code });
    }
  }
  // One after the other: an older content must not come last.
  const reload = () => {
    reloading = reloading.then(reloadOnce);
    return reloading;
  };
  const watching = (async () => {
    for await (const _ of watchFile(file, fingerprint, closed.signal)) await reload();
  })();
  return {
    current: () => content,
    reload,
    async [Symbol.asyncDispose]() {
      closed.abort();
      await Promise.all([watching, reloading]);
    },
  };
}

/** The whole file and its mode. Throws `file_unreadable`. */
async function readWhole(file: string): Promise<{ bytes: Uint8Array; mode: number }> {
  try {
    const stats = await stat(file);
    // A pipe would be empty at the next reading, or stop it for good.
    if (!stats.isFile()) throw new Error("it is no regular file");
    if (stats.size > FILE_BYTES_MAX) throw new Error(`it is over ${FILE_BYTES_MAX} bytes`);
    return { bytes: await readFile(file), mode: stats.mode };
  } catch (cause) {
    throw new ViadutoError("file_unreadable", { file, reason: toReason(cause) }, { cause });
  }
}
