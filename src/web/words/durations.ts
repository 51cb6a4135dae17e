// How long something took, in the reader's language: three digits that mean something.

import { language } from "./reader-language.ts";

const MS_PER_SECOND = 1_000;

/** "0.42 ms", "12.3 ms", "1.25 s". */
export function formatDuration(ms: number): string {
  const isLong = ms >= MS_PER_SECOND;
  const value = isLong ? ms / MS_PER_SECOND : ms;
  const number = new Intl.NumberFormat(language.value, {
    maximumSignificantDigits: Math.max(3, Math.ceil(Math.log10(Math.max(1, value)))),
  }).format(value);
  return `${number} ${isLong ? "s" : "ms"}`; // Symbols of the SI, in every language.
}
