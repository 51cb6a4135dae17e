// Loads one handler file, or keeps it as it is when neither it nor what it imports has changed.
// Called by folder. It never throws: a file that fails is a failure, and no more.

import { ViadutoError } from "../lib/errors.ts";
import type { NamedHandler } from "../topics/handler.ts";
import { type FileExports, findExports } from "./file-exports.ts";
import { findTwin, type HandlerFile } from "./handler-files.ts";
import { type LoadFailure, toLoadFailure } from "./load-failure.ts";
import type { ModuleGraph } from "./module-graph.ts";

export type LoadedFile = HandlerFile & {
  /** Of its text and that of all that it imports, when it was loaded last. */
  readonly fingerprint: string;
  /** Of the last version that could be loaded. */
  readonly exports: FileExports;
  readonly failure: LoadFailure | undefined;
  /** True when the last import did not finish. */
  readonly isStuck: boolean;
  /** What it was imported as: its path, and a number once an import did not finish. */
  readonly specifier: string;
};

export type Loading = {
  readonly folder: string;
  readonly found: readonly HandlerFile[];
  readonly graph: ModuleGraph;
  readonly timeoutMs: number;
  /** The handlers that run now. */
  readonly running: readonly NamedHandler[];
};

type Outcome = Pick<LoadedFile, "exports" | "failure" | "isStuck">;
type ModuleExports = Readonly<Record<string, unknown>>;

/** The file, loaded; `before` itself when nothing is new. */
export async function loadFile(
  file: HandlerFile,
  before: LoadedFile | undefined,
  loading: Loading,
): Promise<LoadedFile> {
  if (before && !isDue(before, loading.graph)) return before;
  const fingerprint = loading.graph.fingerprint(file.path);
  const specifier = toSpecifier(file, before);
  const outcome = await load(file, specifier, before, loading);
  const isKnown = before?.failure?.error.message === outcome.failure?.error.message;
  if (outcome.failure && isKnown && before?.fingerprint === fingerprint) return before;
  return { ...file, fingerprint, specifier, ...outcome };
}

/**
 * Makes the next imports read again what has changed, and what imports it. To be called once,
 * before any file is loaded: two of them may import the same third one.
 */
export function forgetModules(
  files: readonly LoadedFile[],
  before: ModuleGraph,
  now: ModuleGraph,
): void {
  const forget = (path: string) => delete require.cache[path];
  for (const path of [...before.paths(), ...now.paths()]) {
    if (before.fingerprint(path) !== now.fingerprint(path)) forget(path);
  }
  for (const file of files.filter((one) => isDue(one, now))) {
    forget(file.specifier);
    // Bun remembers imports that failed, and does not list them.
    for (const path of now.closure(file.path)) if (!(path in require.cache)) forget(path);
  }
}

// One that failed is due each time, since the cause may lie outside of what we know. One that did
// not finish would hold up all others again.
function isDue({ path, fingerprint, failure, isStuck }: LoadedFile, graph: ModuleGraph): boolean {
  return fingerprint !== graph.fingerprint(path) || (failure !== undefined && !isStuck);
}

// Bun holds on to an import that did not finish for good; under another name it is a new one.
function toSpecifier({ path }: HandlerFile, before: LoadedFile | undefined): string {
  if (before?.path !== path) return path;
  if (!before.isStuck) return before.specifier;
  const number = Number(before.specifier.slice(path.length).replace("?again=", ""));
  return `${path}?again=${number + 1}`;
}

async function load(
  { file, path }: HandlerFile,
  specifier: string,
  before: LoadedFile | undefined,
  { folder, found, graph, timeoutMs, running }: Loading,
): Promise<Outcome> {
  let isStuck = false;
  try {
    checkTwin(file, found);
    const module = await importWithin(timeoutMs, specifier);
    isStuck = module === undefined;
    if (!module) throw toUnfinished(file, timeoutMs);
    return { exports: findExports(file, module), failure: undefined, isStuck };
  } catch (thrown) {
    const exports = keepOwned(before, running);
    const isOldVersionKept = exports.handlers.length + exports.hooks.length > 0;
    const closure = graph.closure(path);
    const failure = toLoadFailure(thrown, { file, path, folder, closure, isOldVersionKept });
    return { exports, failure, isStuck };
  }
}

/** What the file exports; undefined when its top level takes longer. */
async function importWithin(
  timeoutMs: number,
  specifier: string,
): Promise<ModuleExports | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, timeoutMs);
  try {
    return await Promise.race([import(specifier), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

// The old version keeps only what was its own: what it took from another file may be there in a
// new version, and a message would be handled by both.
function keepOwned(before: LoadedFile | undefined, running: readonly NamedHandler[]): FileExports {
  const { handlers = [], hooks = [], topics = [] } = before?.exports ?? {};
  const owned = handlers.filter(({ name, handler }) => {
    return running.some((one) => one.name === name && one.handler === handler);
  });
  return { handlers: owned, hooks, topics };
}

function checkTwin(file: string, found: readonly HandlerFile[]): void {
  const twin = findTwin(file, found);
  if (twin === undefined) return;
  const reason = `has the same name as ${twin}, and that one is loaded`;
  const remedy = "keep one of the two: their handlers would have the same names";
  throw new ViadutoError("handler_unloadable", { where: file, reason, remedy });
}

function toUnfinished(file: string, timeoutMs: number): ViadutoError {
  const reason = `has not finished its top level within ${timeoutMs} ms`;
  const remedy = "wait for nothing there that may never come; correct it, and start again";
  return new ViadutoError("handler_unloadable", { where: file, reason, remedy });
}
