// A stranger's name within a line of text. Used by whoever puts one into a log.

/** Characters that are shown. */
const CHARACTERS_MAX = 100;

/**
 * The name in quotes, which nothing in it can end, and cut when it is long. Control characters stay
 * as they are: the log escapes them.
 */
export function quote(name: string): string {
  // A character of two halves counts as one.
  const shown = [...name.slice(0, 2 * CHARACTERS_MAX)].slice(0, CHARACTERS_MAX).join("");
  const quoted = `'${shown.replaceAll(/['\\]/g, "\\$&")}`;
  const more = name.length - shown.length;
  return more > 0 ? `${quoted}…' (${more} more characters)` : `${quoted}'`;
}
