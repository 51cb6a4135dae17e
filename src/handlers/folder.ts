// A folder of handler files: loads them, and loads again what has changed. The app runs what it
// holds, `viaduto check` shows it. It runs no handler, and writes nothing to the folder.

import { realpathSync, statSync } from "node:fs";
import { count } from "../lib/count.ts";
import { joinSentences, toReason, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { HandlerSet } from "../topics/handler.ts";
import { takeOnce, takeTopicsOnce } from "./file-exports.ts";
import { forgetModules, type LoadedFile, type Loading, loadFile } from "./file-loading.ts";
import { watchFolder } from "./folder-watch.ts";
import { type HandlerFile, listHandlerFiles } from "./handler-files.ts";
import type { LoadFailure } from "./load-failure.ts";
import { type ModuleGraph, readModuleGraph } from "./module-graph.ts";
import { type LentModules, lendModules } from "./module-plugin.ts";

export type { LoadFailure };

/** What the folder gives: a new value after each change. */
export type FolderContent = HandlerSet & {
  /** Every handler file, sorted, with the names of its handlers; also those that failed. */
  readonly files: readonly { readonly file: string; readonly handlers: readonly string[] }[];
  readonly failures: readonly LoadFailure[];
};

type FolderOptions = {
  readonly folder: string;
  /** What files of the folder may import by name, beside packages and each other. */
  readonly modules: LentModules;
  readonly log: Logger;
  /** How long the top level of a file may take, milliseconds; 10,000 when absent. */
  readonly loadTimeoutMs?: number;
};

const LOAD_TIMEOUT_MS = 10_000;

/**
 * The handlers of a folder and its sub-folders. A file that cannot be loaded is among the failures,
 * and the others run. What files import, they must import by path (`./_helper.ts`), by "viaduto",
 * or from a `node_modules` beside them.
 */
export class HandlerFolder implements AsyncDisposable {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #loadTimeoutMs: number;
  readonly #closed = new AbortController();
  #graph: ModuleGraph = readModuleGraph([]);
  #files: readonly LoadedFile[] = [];
  #content: FolderContent = { handlers: [], hooks: [], files: [], failures: [] };

  private constructor(options: FolderOptions, folder: string) {
    this.#folder = folder;
    this.#log = options.log;
    this.#loadTimeoutMs = options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
  }

  /** Loads every file. Throws `handlers_missing`, `file_unreadable`. */
  static async open(options: FolderOptions): Promise<HandlerFolder> {
    const { folder } = options;
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ViadutoError("handlers_missing", { folder });
    }
    lendModules(options.modules);
    const opened = new HandlerFolder(options, realpathSync(folder));
    await opened.#load();
    for (const { error } of opened.content.failures) options.log.problem("error", error);
    const { handlers, files } = opened.content;
    const [some, all] = [count(handlers.length, "handler"), count(files.length, "file")];
    options.log.info(`loaded ${some} from ${all} of ${folder}`);
    return opened;
  }

  /** What is loaded now. */
  get content(): FolderContent {
    return this.#content;
  }

  /**
   * Watches the folder, and yields its content after each change of a handler file, or of a file
   * that one imports: a handler whose files did not change is the same object as before. Changes
   * outside of the folder and in `node_modules` are not seen. Ends when the folder is closed, or
   * cannot be watched, which the log tells. For one caller.
   */
  async *changes(): AsyncGenerator<FolderContent> {
    try {
      for await (const _ of watchFolder(this.#folder, this.#closed.signal)) {
        if (await this.#reload()) yield this.#content;
      }
    } catch (error) {
      this.#log.problem("error", error); // What is loaded goes on running.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
  }

  async #reload(): Promise<boolean> {
    const before = this.#files;
    try {
      await this.#load();
    } catch (error) {
      this.#log.problem("error", error); // What is loaded stays.
      return false;
    }
    const gone = before.filter(({ file }) => !this.#files.some((one) => one.file === file));
    for (const { file } of gone) this.#log.info(`${file} is gone, and so are its handlers`);
    const fresh = this.#files.filter((file) => !before.includes(file));
    for (const file of fresh) this.#tell(file, before);
    return gone.length + fresh.length > 0;
  }

  async #load(): Promise<void> {
    const found = listFiles(this.#folder);
    const graph = readModuleGraph(found.map(({ path }) => path));
    forgetModules(this.#files, this.#graph, graph);
    const loading: Loading = {
      folder: this.#folder,
      found,
      graph,
      timeoutMs: this.#loadTimeoutMs,
      running: this.#content.handlers,
    };
    const loads = found.map((file) => {
      const before = this.#files.find((one) => one.file === file.file);
      return loadFile(file, before, loading);
    });
    this.#files = await Promise.all(loads);
    this.#graph = graph;
    this.#content = toContent(this.#files, graph);
  }

  #tell({ file, exports, failure }: LoadedFile, before: readonly LoadedFile[]): void {
    if (failure) {
      const { error, isOldVersionKept } = failure;
      const words = isOldVersionKept ? `${error.message} — the old version stays` : error.message;
      this.#log.error(joinSentences(words, error.hint), { code: error.code });
      return;
    }
    const again = before.some((one) => one.file === file) ? " again" : "";
    this.#log.info(`loaded ${file}${again} (${count(exports.handlers.length, "handler")})`);
  }
}

function toContent(files: readonly LoadedFile[], graph: ModuleGraph): FolderContent {
  // Of two files that export one handler, that which imports the other has less to do with it.
  const size = ({ path }: HandlerFile) => graph.closure(path).size;
  const owners = files.toSorted((a, b) => size(a) - size(b));
  const handlers = takeOnce(owners.map(({ exports }) => exports));
  return {
    handlers,
    topics: takeTopicsOnce(owners.map(({ exports }) => exports)),
    hooks: [...new Set(files.flatMap(({ exports }) => exports.hooks))],
    files: files.map(({ file }) => {
      const own = handlers.filter((handler) => handler.file === file);
      return { file, handlers: own.map(({ name }) => name) };
    }),
    failures: files.flatMap(({ failure }) => failure ?? []),
  };
}

function listFiles(folder: string): HandlerFile[] {
  try {
    return listHandlerFiles(folder);
  } catch (error) {
    // Removed while we run: so are the handlers, until it is back.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    const facts = { file: folder, reason: toReason(error) };
    throw new ViadutoError("file_unreadable", facts, { cause: error });
  }
}
