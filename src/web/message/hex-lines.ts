// Bytes as rows of hexadecimal digits with their offset, and as ASCII beside them. Pure.

export type HexLine = { readonly offset: string; readonly hex: string; readonly ascii: string };

export const HEX_LINE_BYTES = 16;
/** As many fit on a phone. */
export const HEX_SHORT_LINE_BYTES = 8;

/** The first `linesMax` rows. */
export function toHexLines(
  bytes: Uint8Array,
  linesMax: number,
  lineBytes = HEX_LINE_BYTES,
): HexLine[] {
  const count = Math.min(Math.ceil(bytes.length / lineBytes), linesMax);
  return Array.from({ length: count }, (_, line) => {
    const start = line * lineBytes;
    const row = [...bytes.subarray(start, start + lineBytes)];
    return { offset: toHex(start, 8), hex: toGroups(row), ascii: row.map(toAscii).join("") };
  });
}

// A gap in the middle, where the eye counts from.
function toGroups(row: readonly number[]): string {
  const words = row.map((byte) => toHex(byte, 2));
  const half = HEX_LINE_BYTES / 2;
  return [words.slice(0, half).join(" "), words.slice(half).join(" ")].join("  ").trimEnd();
}

function toHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function toAscii(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
