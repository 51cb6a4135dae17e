// Filters as a tree over their levels, to find among many those that overlap another, or that a
// topic matches, without looking at each: the cost depends on the depth, not on how many there are.
// Used by covering-set, the link, the broker and the registry of handlers. Pure text work; it never
// checks that a filter is well formed.

type Node<V> = {
  /** By level; `+` and `#` are levels like others. */
  readonly children: Map<string, Node<V>>;
  entry: { readonly value: V } | undefined;
};

export class FilterTree<V> {
  readonly #root: Node<V> = createNode();

  /** Puts a value at a filter, in place of the one that is there. */
  set(filter: string, value: V): void {
    let node = this.#root;
    for (const level of filter.split("/")) {
      const child = node.children.get(level) ?? createNode();
      node.children.set(level, child);
      node = child;
    }
    node.entry = { value };
  }

  delete(filter: string): void {
    remove(this.#root, filter.split("/"), 0);
  }

  /** The value of some filter that overlaps this one, or that matches, when this is a topic. */
  find(filter: string): V | undefined {
    let found: V | undefined;
    this.visit(filter.split("/"), (value) => {
      found = value;
      return true;
    });
    return found;
  }

  /**
   * Shows the value of each filter that a topic matches, given by its levels, until one is enough;
   * whether one was. Of a filter in place of a topic, those that overlap it, some of them twice.
   */
  visit(levels: readonly string[], isEnough: (value: V) => boolean): boolean {
    return visitOverlapping(this.#root, levels, 0, isEnough);
  }
}

function createNode<V>(): Node<V> {
  return { children: new Map(), entry: undefined };
}

// Leaves no empty branches behind, so that a search never walks one in vain.
function remove<V>(node: Node<V>, levels: readonly string[], at: number): void {
  const level = levels[at];
  if (level === undefined) {
    node.entry = undefined;
    return;
  }
  const child = node.children.get(level);
  if (!child) return;
  remove(child, levels, at + 1);
  if (!child.entry && child.children.size === 0) node.children.delete(level);
}

function visitOverlapping<V>(
  node: Node<V>,
  levels: readonly string[],
  at: number,
  isEnough: (value: V) => boolean,
): boolean {
  const level = levels[at];
  // `a/#` matches `a` too (section 4.7.1.2).
  const rest = isApart("#", level, at) ? undefined : node.children.get("#")?.entry;
  if (rest && isEnough(rest.value)) return true;
  if (level === undefined) return node.entry !== undefined && isEnough(node.entry.value);
  if (level === "#") return visitAll(node, at, isEnough);
  for (const [name, child] of findChildren(node, level)) {
    if (isApart(name, level, at)) continue;
    if (visitOverlapping(child, levels, at + 1, isEnough)) return true;
  }
  return false;
}

function visitAll<V>(node: Node<V>, at: number, isEnough: (value: V) => boolean): boolean {
  if (node.entry && isEnough(node.entry.value)) return true;
  for (const [name, child] of node.children) {
    if (!isApart(name, "#", at) && visitAll(child, at + 1, isEnough)) return true;
  }
  return false;
}

function findChildren<V>(node: Node<V>, level: string): Iterable<[string, Node<V>]> {
  if (level === "+") return node.children;
  const found: [string, Node<V>][] = [];
  for (const name of [level, "+"]) {
    const child = node.children.get(name);
    if (child) found.push([name, child]);
  }
  return found;
}

// [MQTT-4.7.2-1] a filter that begins with a wildcard matches no topic that begins with $.
function isApart(one: string, other: string | undefined, at: number): boolean {
  if (at > 0) return false;
  const isWild = (level = "") => level === "+" || level === "#";
  return (one.startsWith("$") && isWild(other)) || (other?.startsWith("$") === true && isWild(one));
}
