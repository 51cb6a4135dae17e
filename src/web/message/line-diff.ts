// What changed from one text to the next, line by line: the longest common subsequence. Own code,
// as it is short, and what its table may take is bounded here. Pure.

export type DiffLine = { readonly kind: "same" | "added" | "removed"; readonly text: string };

/** Fields of the table; a text that needs more is shown as removed and added in whole. */
const FIELDS_MAX = 2_000_000;

export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const start = countSame(before, after, (at) => [at, at]);
  const max = Math.min(before.length, after.length) - start;
  const end = countSame(
    before,
    after,
    (at) => [before.length - 1 - at, after.length - 1 - at],
    max,
  );
  const old = before.slice(start, before.length - end);
  const fresh = after.slice(start, after.length - end);
  return [
    ...toLines("same", after.slice(0, start)),
    ...diffMiddle(old, fresh),
    ...toLines("same", after.slice(after.length - end)),
  ];
}

type Places = (at: number) => readonly [number, number];

function countSame(
  before: readonly string[],
  after: readonly string[],
  toPlaces: Places,
  max = Math.min(before.length, after.length),
): number {
  let count = 0;
  for (; count < max; count += 1) {
    const [one, other] = toPlaces(count);
    if (before[one] !== after[other]) break;
  }
  return count;
}

function diffMiddle(old: readonly string[], fresh: readonly string[]): DiffLine[] {
  const width = fresh.length + 1;
  if ((old.length + 1) * width > FIELDS_MAX) {
    return [...toLines("removed", old), ...toLines("added", fresh)];
  }
  const lengths = measure(old, fresh);
  const lines: DiffLine[] = [];
  let at = 0;
  let to = 0;
  while (at < old.length || to < fresh.length) {
    const text = old[at];
    const next = fresh[to];
    const below = lengths[(at + 1) * width + to] ?? 0;
    const beside = lengths[at * width + to + 1] ?? 0;
    if (text !== undefined && text === next) {
      lines.push({ kind: "same", text });
      at += 1;
      to += 1;
    } else if (text !== undefined && (next === undefined || below >= beside)) {
      lines.push({ kind: "removed", text });
      at += 1;
    } else {
      lines.push({ kind: "added", text: next ?? "" });
      to += 1;
    }
  }
  return lines;
}

/** For each pair of places, how long the common subsequence of what follows is. */
function measure(old: readonly string[], fresh: readonly string[]): Uint32Array {
  const width = fresh.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let at = old.length - 1; at >= 0; at -= 1) {
    for (let to = fresh.length - 1; to >= 0; to -= 1) {
      const below = lengths[(at + 1) * width + to] ?? 0;
      const beside = lengths[at * width + to + 1] ?? 0;
      const both = (lengths[(at + 1) * width + to + 1] ?? 0) + 1;
      lengths[at * width + to] = old[at] === fresh[to] ? both : Math.max(below, beside);
    }
  }
  return lengths;
}

function toLines(kind: DiffLine["kind"], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind, text }));
}
