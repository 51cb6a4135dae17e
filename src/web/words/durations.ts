// How long something took, in the reader's language: three digits that mean something.

import { language } from "./reader-language.ts";

const MS_PER_SECOND = 1_000;

/** "0.42 ms", "12.3 ms", "1.25 s". */
export function formatDuration(ms: number): string {
  const isLong = ms >= MS_PER_SECOND;
  const value = isLong ? ms / MS_PER_SECOND : ms;
  return new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: isLong ? "second" : "millisecond",
    unitDisplay: "short",
    maximumSignificantDigits: Math.max(3, Math.ceil(Math.log10(Math.max(1, value)))),
  }).format(value);
}
