// Handlers given as values, as in a library's app or a test, with a name for each.

import {
  type AnyHandler,
  type CommonHooks,
  type HandlerSet,
  isCommonHooks,
  type NamedHandler,
} from "./handler.ts";

/** Each handler under its pattern's text; `#2` and so on stand behind it where it is repeated. */
export function toHandlerSet(given: readonly (AnyHandler | CommonHooks)[]): HandlerSet {
  const counts = new Map<string, number>();
  const handlers: NamedHandler[] = [];
  for (const handler of given) {
    if (isCommonHooks(handler)) continue;
    const { text } = handler.topic.pattern;
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    handlers.push({ name: count === 1 ? text : `${text}#${count}`, handler });
  }
  return { handlers, hooks: given.filter(isCommonHooks) };
}
