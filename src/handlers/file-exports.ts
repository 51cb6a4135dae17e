// What a handler file exports: its handlers, each with its name, and hooks. Called by
// folder. It loads no file.

import { ViadutoError } from "../lib/errors.ts";
import {
  type AnyHandler,
  type CommonHooks,
  isCommonHooks,
  isHandler,
  isTopic,
  type NamedHandler,
  type NamedTopic,
} from "../topics/handler.ts";
import { compare, toStem } from "./handler-files.ts";

export type FoundHandler = NamedHandler & { readonly file: string };
export type FileExports = {
  readonly handlers: readonly FoundHandler[];
  readonly hooks: readonly CommonHooks[];
  readonly topics: readonly FoundTopic[];
};
type FoundTopic = NamedTopic & { readonly file: string };

/**
 * The handlers and hooks among what a file exports, the default export first. Other exports are the
 * file's own affair. Throws `handler_unloadable` when the file has none where one was meant.
 */
export function findExports(file: string, module: Readonly<Record<string, unknown>>): FileExports {
  checkExports(file, module);
  const names = Object.keys(module).sort((a, b) => rank(a) - rank(b) || compare(a, b));
  const all = names.flatMap((name) => {
    const value = module[name];
    const named = name === "default" ? "" : `#${name}`;
    if (!Array.isArray(value)) return [{ name: named, value }];
    // `#all-1`, or `#1` for the default export: no other export can be called so.
    const start = named === "" ? "#" : `${named}-`;
    return value.map((one: unknown, at) => ({ name: `${start}${at + 1}`, value: one }));
  });
  return {
    handlers: all.flatMap(({ name, value }) => {
      return isHandler(value) ? [{ name: toStem(file) + name, file, handler: value }] : [];
    }),
    hooks: all.flatMap(({ value }) => (isCommonHooks(value) ? [value] : [])),
    topics: Object.entries(module).flatMap(([name, value]) => {
      return isTopic(value) ? [{ name, file, topic: value }] : [];
    }),
  };
}

/**
 * Each handler once, by name. One that several files export belongs to the file that comes first
 * in `owners`; within a file, to its first export.
 */
export function takeOnce(owners: readonly FileExports[]): FoundHandler[] {
  const owned = new Map<AnyHandler, FoundHandler>();
  for (const found of owners.flatMap(({ handlers }) => handlers)) {
    if (!owned.has(found.handler)) owned.set(found.handler, found);
  }
  return [...owned.values()].sort((a, b) => compare(a.name, b.name));
}

/** Each topic once; one that several files export belongs to the first of `owners`. */
export function takeTopicsOnce(owners: readonly FileExports[]): FoundTopic[] {
  const owned = new Map<unknown, FoundTopic>();
  for (const found of owners.flatMap(({ topics }) => topics)) {
    if (!owned.has(found.topic)) owned.set(found.topic, found);
  }
  return [...owned.values()];
}

function rank(name: string): number {
  return name === "default" ? 0 : 1;
}

function checkExports(file: string, module: Readonly<Record<string, unknown>>): void {
  const helper = `_${file.slice(file.lastIndexOf("/") + 1)}`;
  const remedy = `export default on(topic, …); or name it ${helper} if it is a helper`;
  const fail = (reason: string) => {
    throw new ViadutoError("handler_unloadable", { where: file, reason, remedy });
  };
  if (Object.keys(module).length === 0) fail("exports nothing, so it has no handler");
  if (!("default" in module)) return;
  const value = module.default;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) fail("has an empty list as its default export, and no handler");
  const wrong = list.find((one) => !isHandler(one) && !isCommonHooks(one));
  if (wrong !== undefined || list.includes(undefined)) {
    fail(`has as its default export ${describeValue(wrong)}, which is no handler`);
  }
}

function describeValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise (is there an await missing?)";
  if (typeof value !== "object" || value === null) return String(value);
  return "kind" in value && value.kind === "topic" ? "a topic" : "an object";
}
