// CSV (RFC 4180) that is safe to open in a spreadsheet. Pure text work.

/** Where a spreadsheet would take text for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[\s\u0000]*[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const QUOTED = /[",\r\n]/;

/** One line with its end. What looks like a formula, and is no number, gets an apostrophe. */
export function toCsvLine(cells: readonly (string | number | boolean)[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

function toCell(value: string | number | boolean): string {
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
