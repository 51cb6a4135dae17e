// Numbers with what they count, as people write them.

/** `1 file`, `2 files`; for nouns whose plural is made by an s. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
