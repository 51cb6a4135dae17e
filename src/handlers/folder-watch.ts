// Tells that something in a folder has changed, and is quiet again. Called by folder, which
// looks itself at what it is: editors save by rename, in several writes, or beside the file.

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toReason, ViadutoError } from "../lib/errors.ts";

/** A file that was written in two pieces is whole when nothing has happened for so long. */
const QUIET_MS = 40;
/** A folder in which something is written all the time is looked at all the same. */
const NOISE_MS_MAX = 500;

/**
 * Yields at once, since something may have changed before, and then after each change in the folder
 * or below; also when the folder itself goes and comes. Changes while the caller is busy are told
 * once. Ends when the signal is aborted. Throws `folder_unwatchable`.
 */
export async function* watchFolder(folder: string, signal: AbortSignal): AsyncGenerator<void> {
  let change = Promise.withResolvers<void>();
  let failure: ViadutoError | undefined;
  using watching = watchTree(folder, (problem) => {
    failure = problem;
    change.resolve();
  });
  const stop = () => {
    watching[Symbol.dispose]();
    change.resolve();
  };
  signal.addEventListener("abort", stop, { once: true });

  while (!signal.aborted) {
    yield;
    await change.promise;
    for (const startedAt = performance.now(); performance.now() - startedAt < NOISE_MS_MAX; ) {
      change = Promise.withResolvers();
      const more = change.promise.then(() => true);
      const isNoisy = await Promise.race([more, sleep(QUIET_MS, false)]);
      if (!isNoisy || signal.aborted) break;
    }
    if (failure) throw failure;
  }
}

// Two watchers: when the folder goes, its own is deaf for good; the one above sees it come back.
function watchTree(folder: string, onChange: (problem?: ViadutoError) => void): Disposable {
  const open = (path: string, recursive: boolean, onEvent: (name: string | null) => void) => {
    // Node's own option, which the types do not know yet: a watch on each package is for nothing.
    const options = { recursive, ignore: ["node_modules"] };
    try {
      const watcher = watch(path, options, (_event, name) => onEvent(name));
      return watcher.on("error", (error) => onChange(toProblem(folder, error)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw toProblem(folder, error);
    }
  };
  const openInside = () => open(folder, true, () => onChange());
  let inside: FSWatcher | undefined = openInside();
  const above = open(dirname(folder), false, (name) => {
    if (name !== basename(folder)) return;
    inside?.close();
    inside = openInside();
    onChange();
  });
  return {
    [Symbol.dispose]() {
      above?.close();
      inside?.close();
    },
  };
}

function toProblem(folder: string, error: unknown): ViadutoError {
  const facts = { folder, reason: toReason(error) };
  return new ViadutoError("folder_unwatchable", facts, { cause: error });
}
