// What was deleted on this page, kept until the page is closed, so that it can be put back. It is
// bounded: the oldest goes when there is no more room.

import { signal } from "@preact/signals";

export type Undo = {
  readonly key: number;
  readonly filter: string;
  readonly atMs: number;
  /** Messages as NDJSON. */
  readonly lines: readonly string[];
};

/** Characters of all that is kept. */
export const UNDO_LENGTH_MAX = 16 * 1_024 * 1_024;
const UNDOS_MAX = 10;

/** The newest first. */
export const undos = signal<readonly Undo[]>([]);
/** Also of those that are forgotten: a notice may still offer one, and must not mean another. */
const added = signal(0);

export function addUndo(filter: string, lines: readonly string[], atMs: number): Undo {
  added.value = added.peek() + 1;
  const undo = { key: added.peek(), filter, lines, atMs };
  undos.value = keepNewest([undo, ...undos.peek()]);
  return undo;
}

/** Keeps these lines of it; without any it is forgotten. */
export function keepLines(key: number, lines: readonly string[]): void {
  undos.value = undos.peek().flatMap((undo) => {
    if (undo.key !== key) return [undo];
    return lines.length === 0 ? [] : [{ ...undo, lines }];
  });
}

/** As many as there is room for. */
export function keepNewest(all: readonly Undo[], lengthMax = UNDO_LENGTH_MAX): readonly Undo[] {
  let left = lengthMax;
  return all.slice(0, UNDOS_MAX).filter(({ lines }) => {
    left -= lines.reduce((sum, line) => sum + line.length, 0);
    return left >= 0;
  });
}
