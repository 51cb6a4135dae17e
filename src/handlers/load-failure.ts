// A file of the folder that cannot be loaded: where and why, and what to do. Called by
// folder; the log, `viaduto check` and GET /handlers tell it.

import { relative, sep } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { findPlace } from "./failure-place.ts";
import type { HandlerFile } from "./handler-files.ts";

export type LoadFailure = {
  /** The handler file that cannot be loaded: `sub/devices-update.ts`. */
  readonly handlerFile: string;
  /** Where the cause is: the same file, or one that it imports. */
  readonly file: string;
  /** From 1, both; undefined when nobody knows. */
  readonly line?: number;
  readonly column?: number;
  readonly lineText?: string;
  /** What went wrong, without the place. */
  readonly reason: string;
  /** `handler_unloadable`. Its message has file, line, column, reason and the line's text. */
  readonly error: ViadutoError;
  /** True when the version that was loaded before goes on running. */
  readonly isOldVersionKept: boolean;
};

type Loading = HandlerFile & {
  readonly folder: string;
  /** The file and all that it imports. */
  readonly closure: ReadonlySet<string>;
  readonly isOldVersionKept: boolean;
};

const LINE_CHARACTERS_MAX = 200;

/** The failure for what was thrown when the file was loaded. */
export function toLoadFailure(thrown: unknown, loading: Loading): LoadFailure {
  const { file: handlerFile, isOldVersionKept } = loading;
  if (thrown instanceof ViadutoError && thrown.code === "handler_unloadable") {
    const reason = String(thrown.facts.reason);
    return { handlerFile, file: handlerFile, reason, error: thrown, isOldVersionKept };
  }
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const reason = toShownReason(first, loading);
  const place = findPlace(first, loading.closure);
  const file = place ? toShownFile(place.path, loading) : handlerFile;
  const facts = {
    where: place ? `${file}:${place.line}:${place.column}` : file,
    reason: [
      reason,
      place?.lineText.trim() ? ` in \`${cut(place.lineText.trim())}\`` : "",
      file === handlerFile ? "" : `, so ${handlerFile} cannot be loaded`,
    ].join(""),
    remedy: toRemedy(first),
  };
  const error = new ViadutoError("handler_unloadable", facts, { cause: thrown });
  const failure = { handlerFile, file, reason, error, isOldVersionKept };
  if (!place) return failure;
  return { ...failure, line: place.line, column: place.column, lineText: cut(place.lineText) };
}

function cut(line: string): string {
  return line.slice(0, LINE_CHARACTERS_MAX);
}

function toShownFile(path: string, loading: Loading): string {
  if (path === loading.path) return loading.file; // Which may be a link to elsewhere.
  const below = relative(loading.folder, path);
  return below.startsWith("..") ? path : below.replaceAll(sep, "/");
}

function toShownReason(thrown: unknown, { folder }: Loading): string {
  const words = toReason(thrown)
    .replace(/ imported from .*$/, "") // The place says it.
    .replaceAll(folder + sep, "")
    .replace(/\.$/, "");
  if (!(thrown instanceof Error)) return `throws ${words}`;
  return isTellingAll(thrown) ? words : `${thrown.name}: ${words}`;
}

function toRemedy(thrown: unknown): string {
  if (thrown instanceof ViadutoError) return thrown.hint;
  if (thrown instanceof BuildMessage) return "correct the line and save the file";
  if (isMissingExport(thrown)) return "correct the name, or export it there";
  if (!(thrown instanceof ResolveMessage)) {
    return "this runs when the file is loaded, before any message: correct what throws";
  }
  const { specifier } = thrown;
  if (/^\.{0,2}\//.test(specifier)) {
    return "the path counts from the file that imports it, and has its ending, such as .ts";
  }
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  return `install it beside the handlers: npm install ${name}, or bun add ${name}`;
}

function isTellingAll(thrown: unknown): boolean {
  const kinds = [ViadutoError, BuildMessage, ResolveMessage];
  return kinds.some((kind) => thrown instanceof kind) || isMissingExport(thrown);
}

function isMissingExport(thrown: unknown): boolean {
  return thrown instanceof SyntaxError && thrown.message.startsWith("Export named ");
}
