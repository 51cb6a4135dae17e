// Mosquitto's password file: a line `user:hash` for each user. Read by access, changed by
// `viaduto passwd`. Pure text work: it opens no file, and its errors never repeat a hash.

import { toReason, ViadutoError } from "../lib/errors.ts";
import { type PasswordHash, parsePasswordHash } from "./password-hash.ts";
import { findTextLines, trimBlanks } from "./text-lines.ts";

/** A text of MQTT has two bytes for its length (MQTT 5 section 1.5.4). */
const USERNAME_BYTES_MAX = 65_535;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * User → hash. Of several lines for one user the last counts, as for Mosquitto. `file` is only
 * named in errors. Throws `password_line_invalid`.
 */
export function parsePasswordFile(
  bytes: Uint8Array,
  file: string,
): ReadonlyMap<string, PasswordHash> {
  const fail = (line: number, reason: string) =>
    new ViadutoError("password_line_invalid", { file, line, reason });
  const hashes = new Map<string, PasswordHash>();
  for (const { number, text } of findTextLines(bytes, fail)) {
    const [username, hash] = splitLine(text);
    if (hash === undefined) throw fail(number, "it has no ':' between user and password");
    const problem = findUsernameProblem(username);
    if (problem) throw fail(number, `its user name ${problem}`);
    try {
      hashes.set(username, parsePasswordHash(hash));
    } catch (error) {
      throw fail(number, toReason(error));
    }
  }
  return hashes;
}

/** Why no line can be for this user, in words behind "the user name"; undefined when one can. */
export function findUsernameProblem(username: string): string | undefined {
  if (username === "") return "is empty";
  if (username.includes(":")) return "has a ':', which ends the name in the file";
  if (CONTROL.test(username)) return "has a control character";
  if (username !== trimBlanks(username)) return "has blanks around it";
  if (username.startsWith("#")) return "begins with '#', which makes its line a comment";
  if (!username.isWellFormed()) return "is not valid Unicode";
  if (Buffer.byteLength(username) > USERNAME_BYTES_MAX)
    return `is over ${USERNAME_BYTES_MAX} bytes`;
  return undefined;
}

/**
 * The text with another password for the user, or with the user at its end. Comments and the lines
 * of others stay byte for byte.
 */
export function withPassword(text: string, username: string, hash: string): string {
  const end = /\r?\n/.exec(text)?.[0] ?? "\n";
  const lines = toLines(text);
  const line = `${username}:${hash}${end}`;
  const at = lines.findLastIndex((one) => isLineOf(one, username)); // The one that counts.
  if (at !== -1) return lines.with(at, line).join("");
  const isOpen = text !== "" && !text.endsWith("\n");
  return `${text}${isOpen ? end : ""}${line}`;
}

/** The text without the lines of the user; undefined when there is none. */
export function withoutUser(text: string, username: string): string | undefined {
  const lines = toLines(text);
  const others = lines.filter((line) => !isLineOf(line, username));
  return others.length === lines.length ? undefined : others.join("");
}

function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function isLineOf(line: string, username: string): boolean {
  if (line.startsWith("#")) return false;
  const [name, hash] = splitLine(line.replace(/^\ufeff/, ""));
  return hash !== undefined && name === username;
}

function splitLine(line: string): [username: string, hash: string | undefined] {
  const at = line.indexOf(":");
  if (at === -1) return [line, undefined];
  return [trimBlanks(line.slice(0, at)), trimBlanks(line.slice(at + 1))];
}
