// Words of a POSIX shell for whatever text a stranger has sent. Control characters stand as
// escapes: pasted as they are, some would act on the terminal before the shell sees them. Pure.

import { quote } from "../docs/curl-line.ts";

// A line break is what text has; the rest does things.
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]/;
const CONTROLS_AND_BREAKS = /[\x00-\x1f\x7f]|[\x80-\x9f]/g;

/** Whether a shell can be given this text as a word, and nothing happens on the way. */
export function isPlain(text: string): boolean {
  return !CONTROLS.test(text);
}

/** The text as one word. The shell takes line breaks off the end of one with control characters. */
export function toWord(text: string): string {
  // zsh takes a word that begins with = for a program's path.
  if (isPlain(text))
    return text.startsWith("=") ? `'${text.replaceAll("'", `'\\''`)}'` : quote(text);
  const format = text
    .replaceAll("\\", "\\\\")
    .replaceAll("%", "%%")
    .replaceAll(CONTROLS_AND_BREAKS, toOctal);
  return `"$(printf ${quote(format)})"`;
}

function toOctal(character: string): string {
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
