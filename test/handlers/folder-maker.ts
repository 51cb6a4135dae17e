// A folder of handler files that a test writes, loads and changes; it leaves with `await using`.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type FolderContent, HandlerFolder } from "../../src/handlers/folder.ts";
import { createLogger } from "../../src/lib/log.ts";
import * as viaduto from "../../src/viaduto.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { before, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

/** File, below the folder → its text. */
export type Files = Readonly<Record<string, string>>;

export type MadeFolder = AsyncDisposable & {
  readonly path: string;
  readonly lines: readonly string[];
  waitForLine(pattern: RegExp): Promise<string>;
  write(files: Files): void;
  remove(file: string): void;
  /** Loads it; closed with the folder. */
  open(options?: { readonly loadTimeoutMs?: number }): Promise<HandlerFolder>;
  /** Loads it, and watches it from now on. */
  watch(options?: { readonly loadTimeoutMs?: number }): Promise<WatchedFolder>;
};

export type WatchedFolder = {
  readonly folder: HandlerFolder;
  /** The first content, from the next change on, that fits. */
  next(fits?: (content: FolderContent) => boolean): Promise<FolderContent>;
};

export function makeFolder(files: Files = {}): MadeFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "viaduto-handlers-")));
  const { writer, lines, waitForLine } = createLogLines();
  const options = { name: "T", level: "debug", format: "text", colour: false, writer } as const;
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(path, { recursive: true, force: true }));
  const made: MadeFolder = {
    path,
    lines,
    waitForLine,
    write(all) {
      for (const [file, text] of Object.entries(all)) {
        mkdirSync(dirname(join(path, file)), { recursive: true });
        writeFileSync(join(path, file), text);
      }
    },
    remove: (file) => rmSync(join(path, file), { recursive: true }),
    async open(more = {}) {
      const log = createLogger(options);
      return stack.use(
        await HandlerFolder.open({ folder: path, modules: { viaduto }, log, ...more }),
      );
    },
    async watch(more) {
      const folder = await made.open(more);
      const changes = folder.changes();
      let pending = changes.next(); // The watch begins here.
      return {
        folder,
        async next(fits = () => true) {
          const late = () => new Error(`no such change:\n${lines.join("\n")}`);
          for (;;) {
            const { value, done } = await before(WAIT_TIMEOUT_MS, pending, late);
            if (done) throw new Error("the changes have ended");
            pending = changes.next();
            if (fits(value)) return value;
          }
        },
      };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  made.write(files);
  return made;
}

/** The text of a file whose default export is a handler on this topic. */
export function handlerOn(pattern: string, head = ""): string {
  return `${head}import { on, topic } from "viaduto";
export default on(topic("${pattern}"), () => {});\n`;
}

/** `name pattern` of each handler. */
export function listHandlers({ handlers }: FolderContent): string[] {
  return handlers.map(({ name, handler }) => `${name} ${handler.topic.pattern.text}`);
}
