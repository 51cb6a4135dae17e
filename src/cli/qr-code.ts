// A text as a QR code for a terminal (ISO/IEC 18004), in half blocks: two rows of it in one line.

import { encode } from "uqr";

/** The white border that readers need. */
const QUIET_ZONE = 4;
/** Black on white, whatever the colours of the terminal are. */
const COLOUR = { start: "\u001b[38;5;16;48;5;231m", end: "\u001b[0m" } as const;

/** Its lines, with their colours; undefined when a line has no room in so many columns. */
export function formatQrCode(text: string, columns: number): string[] | undefined {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  if (size > columns) return undefined;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const blocks = Array.from({ length: size }, (_, column) => {
      return toBlock(data[row]?.[column] === true, data[row + 1]?.[column] === true);
    });
    lines.push(`${COLOUR.start}${blocks.join("")}${COLOUR.end}`);
  }
  return lines;
}

function toBlock(isUpperBlack: boolean, isLowerBlack: boolean): string {
  if (isUpperBlack) return isLowerBlack ? "█" : "▀";
  return isLowerBlack ? "▄" : " ";
}
