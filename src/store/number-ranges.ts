// Numbers as ranges: they come mostly in order, and one statement deletes a whole range. Used by
// broker-store.

export class NumberRanges {
  /** Pairs of first and last. */
  readonly #ranges: [number, number][] = [];

  add(number: number): void {
    const last = this.#ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else this.#ranges.push([number, number]);
  }

  clear(): void {
    this.#ranges.length = 0;
  }

  [Symbol.iterator](): Iterator<[number, number]> {
    return this.#ranges[Symbol.iterator]();
  }
}
