// Figures as text in columns. Pure.

import type { Summary } from "./statistics.ts";

/** The median with its range. */
export function format({ median, min, max }: Summary, digits: number): string {
  const toText = (number: number) => {
    return number.toLocaleString("en", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  };
  if (max === 0) return "–";
  if (min === max) return toText(median);
  return `${toText(median)} (${toText(min)}–${toText(max)})`;
}

/** Rows of cells as lines; the first row has as many cells as any. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) => {
    return `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd();
  });
}
