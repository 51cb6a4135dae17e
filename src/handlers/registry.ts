// Which handlers a topic concerns. A trie over the levels of the patterns: the cost of a look-up
// depends on the depth of the topic, not on how many handlers there are.

import type { Subscription } from "../topics/covering-set.ts";
import { matchPattern, type Params } from "../topics/pattern.ts";
import type { AnyHandler } from "../topics/topic.ts";

export type Match = { readonly handler: AnyHandler; readonly params: Params };

type Node = {
  readonly literals: Map<string, Node>;
  /** Below `+`, and handlers whose pattern ends here or, with `#`, anywhere below. */
  one: Node | undefined;
  readonly ending: AnyHandler[];
  readonly rest: AnyHandler[];
};

/** Topics whose handlers are remembered. */
const RECENT_MAX = 256;

export type Registry = {
  readonly handlers: readonly AnyHandler[];
  /** What the link has to subscribe to. */
  readonly subscriptions: readonly Subscription[];
  /** The handlers of a topic, each once, with the topic's parameters. */
  find(topic: string): readonly Match[];
};

export function createRegistry(handlers: readonly AnyHandler[]): Registry {
  const root = createNode();
  for (const handler of handlers) insert(root, handler);
  // Devices publish to the same few topics again and again.
  const recent = new Map<string, readonly Match[]>();
  return {
    handlers,
    subscriptions: handlers.map(({ topic, options }) => {
      return { filter: topic.pattern.filter, qos: options.qos ?? 1 };
    }),
    find(topic) {
      const known = recent.get(topic);
      if (known) return known;
      const levels = topic.split("/");
      const matches: Match[] = [];
      collect(root, levels, 0, (handler) => {
        const params = matchPattern(handler.topic.pattern, topic, levels);
        if (params) matches.push({ handler, params });
      });
      if (recent.size >= RECENT_MAX) recent.clear();
      recent.set(topic, matches);
      return matches;
    },
  };
}

function createNode(): Node {
  return { literals: new Map(), one: undefined, ending: [], rest: [] };
}

function insert(root: Node, handler: AnyHandler): void {
  let node = root;
  for (const level of handler.topic.pattern.levels) {
    if (level.kind === "rest") {
      node.rest.push(handler);
      return;
    }
    node = level.kind === "one" ? openOne(node) : openLiteral(node, level.text);
  }
  node.ending.push(handler);
}

function openOne(node: Node): Node {
  node.one ??= createNode();
  return node.one;
}

function openLiteral(node: Node, text: string): Node {
  const known = node.literals.get(text) ?? createNode();
  node.literals.set(text, known);
  return known;
}

function collect(
  node: Node,
  levels: readonly string[],
  at: number,
  found: (handler: AnyHandler) => void,
): void {
  for (const handler of node.rest) found(handler);
  const level = levels[at];
  if (level === undefined) {
    for (const handler of node.ending) found(handler);
    return;
  }
  const literal = node.literals.get(level);
  if (literal) collect(literal, levels, at + 1, found);
  if (node.one) collect(node.one, levels, at + 1, found);
}
