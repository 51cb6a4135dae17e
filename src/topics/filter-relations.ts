// How two filters stand to each other (MQTT 5 section 4.7). Pure text work; it never checks that a
// filter is well formed.

import { FilterTree } from "./filter-tree.ts";

/** Whether some topic matches both filters; with a topic in place of one, whether it matches. */
export function overlaps(one: string, other: string): boolean {
  const tree = new FilterTree<true>();
  tree.set(one, true);
  return tree.find(other) === true;
}

/** Whether every topic that matches `narrow` matches `wide`; both begin alike as to `$`. */
export function covers(wide: string, narrow: string): boolean {
  const levels = wide.split("/");
  const others = narrow.split("/");
  for (const [at, level] of levels.entries()) {
    if (level === "#") return true;
    const other = others[at];
    if (other === undefined || other === "#") return false;
    if (level !== "+" && level !== other) return false;
  }
  return levels.length === others.length;
}
