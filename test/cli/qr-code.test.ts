import { expect, test } from "bun:test";
import { encode } from "uqr";
import { formatQrCode } from "../../src/cli/qr-code.ts";

const URL = "http://192.168.100.200:8080/?token=abcdefghijkl-_op";
const BORDER = 4;

/** The blocks of the lines, without their colours, as rows of black and white. */
function readModules(lines: readonly string[]): boolean[][] {
  const plain = lines.map((line) => [...Bun.stripANSI(line)]);
  return plain.flatMap((blocks) => [
    blocks.map((block) => block === "█" || block === "▀"),
    blocks.map((block) => block === "█" || block === "▄"),
  ]);
}

test("two rows of the code stand in one line, within a white border", () => {
  const lines = formatQrCode(URL, 200) ?? [];
  const rows = readModules(lines);
  const { data, size } = encode(URL, { border: BORDER });
  expect(rows.slice(0, size)).toEqual(data);
  expect(lines.length).toBe(Math.ceil(size / 2));
  const isWhite = (modules: readonly boolean[]) => !modules.includes(true);
  expect(rows.slice(0, BORDER).every(isWhite)).toBe(true);
  expect(rows.every((row) => isWhite(row.slice(0, BORDER)) && isWhite(row.slice(-BORDER)))).toBe(
    true,
  );
  // The three corners by which a reader finds it (ISO/IEC 18004 section 6.3.3).
  const corner = [true, true, true, true, true, true, true, false];
  expect(rows[BORDER]?.slice(BORDER, BORDER + 8)).toEqual(corner);
});

test("is black on white on any terminal", () => {
  for (const line of formatQrCode(URL, 200) ?? []) {
    expect(line).toStartWith("\u001b[38;5;16;48;5;231m");
    expect(line).toEndWith("\u001b[0m");
  }
});

test("is left out where it has no room", () => {
  const columns = [...Bun.stripANSI(formatQrCode(URL, 200)?.[0] ?? "")].length;
  expect(formatQrCode(URL, columns)).toBeArray();
  expect(formatQrCode(URL, columns - 1)).toBeUndefined();
});
