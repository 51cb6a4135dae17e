// Which handlers a topic concerns. A trie over the levels of the patterns: the cost of a look-up
// depends on the depth of the topic, not on how many handlers there are.

import type { Subscription } from "../topics/covering-set.ts";
import type { AnyHandler } from "../topics/handler.ts";
import { matchPattern, type Params } from "../topics/pattern.ts";

export type Match = {
  readonly handler: AnyHandler;
  /** Of the handler in the registry: two may be on one pattern. */
  readonly number: number;
  readonly params: Params;
};
type Numbered = Pick<Match, "handler" | "number">;

type Node = {
  readonly literals: Map<string, Node>;
  /** Below `+`, and handlers whose pattern ends here or, with `#`, anywhere below. */
  one: Node | undefined;
  readonly ending: Numbered[];
  readonly rest: Numbered[];
};

/** Topics whose handlers are remembered. */
const RECENT_MAX = 256;

export type Registry = {
  /** What the link has to subscribe to. */
  readonly subscriptions: readonly Subscription[];
  /** The handlers of a topic, each once, with the topic's parameters. */
  find(topic: string): readonly Match[];
};

/** The handlers, ready to be found by topic. */
export function createRegistry(handlers: readonly AnyHandler[]): Registry {
  const root = createNode();
  for (const [number, handler] of handlers.entries()) insert(root, { handler, number });
  // Devices publish to the same few topics again and again.
  const recent = new Map<string, readonly Match[]>();
  return {
    subscriptions: handlers.map(({ topic, options }) => {
      return { filter: topic.pattern.filter, qos: options.qos ?? 1 };
    }),
    find(topic) {
      const known = recent.get(topic);
      if (known) return known;
      const levels = topic.split("/");
      const matches: Match[] = [];
      collect(root, levels, 0, ({ handler, number }) => {
        const params = matchPattern(handler.topic.pattern, topic, levels);
        if (params) matches.push({ handler, number, params });
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

function insert(root: Node, numbered: Numbered): void {
  let node = root;
  for (const level of numbered.handler.topic.pattern.levels) {
    if (level.kind === "rest") {
      node.rest.push(numbered);
      return;
    }
    node = level.kind === "one" ? openOne(node) : openLiteral(node, level.text);
  }
  node.ending.push(numbered);
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
  found: (numbered: Numbered) => void,
): void {
  for (const numbered of node.rest) found(numbered);
  const level = levels[at];
  if (level === undefined) {
    for (const numbered of node.ending) found(numbered);
    return;
  }
  const literal = node.literals.get(level);
  if (literal) collect(literal, levels, at + 1, found);
  if (node.one) collect(node.one, levels, at + 1, found);
}
