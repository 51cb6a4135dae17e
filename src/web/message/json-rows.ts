// The rows of a folding tree of JSON: those that are open, in their order. Pure.

import { addToPointer, type JsonNode } from "./json-reading.ts";

export type JsonRow = {
  readonly pointer: string;
  /** Undefined at the root. */
  readonly name: string | undefined;
  readonly depth: number;
  readonly node: JsonNode;
  /** Undefined when there is nothing to open. */
  readonly isOpen: boolean | undefined;
};

/** What the reader has opened and closed; all else is as `toDefault` says. */
export type Folds = ReadonlyMap<string, boolean>;

/** A tree of up to so many members is open at first, a larger one at its first level. */
const OPEN_MEMBERS_MAX = 300;

/** At most `rowsMax` rows; one more than that says that there are more. */
export function toJsonRows(root: JsonNode, folds: Folds, rowsMax: number): JsonRow[] {
  const rows: JsonRow[] = [];
  const isSmall = countMembers(root, OPEN_MEMBERS_MAX) < OPEN_MEMBERS_MAX;
  const add = (node: JsonNode, pointer: string, name: string | undefined, depth: number) => {
    if (rows.length > rowsMax) return;
    const hasMembers = "members" in node && node.members.length > 0;
    const isOpen = hasMembers ? (folds.get(pointer) ?? (isSmall || depth === 0)) : undefined;
    rows.push({ pointer, name, depth, node, isOpen });
    if (!isOpen || !("members" in node)) return;
    for (const member of node.members) {
      if (rows.length > rowsMax) return;
      add(member.node, addToPointer(pointer, member.name), member.name, depth + 1);
    }
  };
  add(root, "", undefined, 0);
  return rows;
}

/** All that can be folded but the root, open or closed. */
export function foldAll(root: JsonNode, isOpen: boolean): Folds {
  const folds = new Map<string, boolean>();
  const visit = (node: JsonNode, pointer: string) => {
    if (!("members" in node)) return;
    folds.set(pointer, isOpen || pointer === "");
    for (const member of node.members) visit(member.node, addToPointer(pointer, member.name));
  };
  visit(root, "");
  return folds;
}

function countMembers(node: JsonNode, max: number): number {
  if (!("members" in node)) return 0;
  let count = node.members.length;
  for (const member of node.members) {
    if (count >= max) return count;
    count += countMembers(member.node, max - count);
  }
  return count;
}
