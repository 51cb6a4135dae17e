// The lines of a file that people write: password-file and acl-file read them. Knows only bytes and
// lines, never what they mean.

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = /^\ufeff/;
/** What C calls white space; others, as the no-break space, belong to a name. */
const BLANKS_AROUND = /^[ \t-\r]+|[ \t-\r]+$/g;

export type TextLine = {
  /** From 1. */
  readonly number: number;
  /** Without its end, be it LF or CRLF. */
  readonly text: string;
};

/**
 * Each line that says something: not empty, and no comment, which begins with `#` in the first
 * column (behind blanks it is a name, as for Mosquitto). `fail` makes the error that is thrown for
 * a line which is not UTF-8 or has a NUL.
 */
export function* findTextLines(
  bytes: Uint8Array,
  fail: (line: number, reason: string) => Error,
): Generator<TextLine> {
  const text = decode(bytes, fail);
  let number = 0;
  for (const line of text.replace(BYTE_ORDER_MARK, "").split("\n")) {
    number += 1;
    if (line.startsWith("#") || trimBlanks(line) === "") continue;
    if (line.includes("\0")) throw fail(number, "it has a NUL character");
    yield { number, text: line.replace(/\r$/, "") };
  }
}

/** The text without the blanks around it. */
export function trimBlanks(text: string): string {
  return text.replaceAll(BLANKS_AROUND, "");
}

function decode(bytes: Uint8Array, fail: (line: number, reason: string) => Error): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch {
    throw fail(findWrongLine(bytes, decoder), "it is not UTF-8");
  }
}

// No character but the newline has its byte, so that each line can be tried alone.
function findWrongLine(bytes: Uint8Array, decoder: TextDecoder): number {
  for (let number = 1, start = 0; ; number++) {
    const end = bytes.indexOf(NEWLINE, start);
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return number;
    }
    if (end === -1) return number;
    start = end + 1;
  }
}
