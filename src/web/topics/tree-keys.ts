// What a key does in the tree of topics, as the pattern of the W3C for trees has it
// (https://www.w3.org/WAI/ARIA/apg/patterns/treeview/). Pure.

import type { TopicRow } from "./topic-rows.ts";

export type KeyEffect =
  | { readonly kind: "move"; readonly to: number }
  | { readonly kind: "open" | "close" | "choose" };

/** `at` is the row of the cursor, -1 when there is none; a page has `pageRows`. */
export function toKeyEffect(
  key: string,
  rows: readonly TopicRow[],
  at: number,
  pageRows: number,
): KeyEffect | undefined {
  const row = rows[at];
  const move = (to: number): KeyEffect => {
    return { kind: "move", to: Math.max(0, Math.min(rows.length - 1, to)) };
  };
  switch (key) {
    case "ArrowDown":
      return move(at + 1);
    case "ArrowUp":
      return move(at - 1);
    case "PageDown":
      return move(at + pageRows);
    case "PageUp":
      return move(at - pageRows);
    case "Home":
      return move(0);
    case "End":
      return move(rows.length - 1);
    case "ArrowRight":
      if (row?.isOpen === false) return { kind: "open" };
      return row?.isOpen ? move(at + 1) : undefined;
    case "ArrowLeft":
      if (row?.isOpen) return { kind: "close" };
      return row && toParent(rows, row, move);
    case "Enter":
    case " ":
      return row && { kind: "choose" };
    default:
      return undefined;
  }
}

function toParent(
  rows: readonly TopicRow[],
  { node }: TopicRow,
  move: (to: number) => KeyEffect,
): KeyEffect | undefined {
  const to = rows.findIndex((row) => row.node === node.parent);
  return to < 0 ? undefined : move(to);
}
