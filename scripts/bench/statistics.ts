// Medians with their range, and ratios of what was measured in the same round.

export type Summary = { readonly median: number; readonly min: number; readonly max: number };

/** Throws for no values at all. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (below === undefined || above === undefined || min === undefined || max === undefined) {
    throw new Error("there is nothing to summarize");
  }
  return { median: (below + above) / 2, min, max };
}

/** Of pairs: the first by the second, pair by pair. */
export function summarizeRatios(pairs: readonly (readonly [number, number])[]): Summary {
  return summarize(pairs.map(([one, other]) => one / other));
}
