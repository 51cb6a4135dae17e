// `viaduto passwd`: sets or removes a login in a password file, with the letters of
// mosquitto_passwd. Works on the file alone; a broker that runs reads it again by itself.

import { readFile } from "node:fs/promises";
import {
  findUsernameProblem,
  parsePasswordFile,
  withoutUser,
  withPassword,
} from "../access/password-file.ts";
import { hashPassword } from "../access/password-hash.ts";
import { parseArguments } from "../config/arguments.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import { toFlagInvalid } from "./flag-reading.ts";
import { askHidden, readPipedLine } from "./hidden-input.ts";
import { type FlagRow, formatFlags, toFlags } from "./mosquitto-flags.ts";
import { replaceFile } from "./whole-file.ts";

const ROWS: readonly FlagRow[] = [
  ["-c, --create", "a new file; what is in one that is there is lost"],
  ["-D, --delete", "remove the user"],
  ["-b, --batch", "password as the last word; it shows in the list of processes"],
];
const NOTES = [
  "Without -b the password is asked for twice, or is the first line of a pipe. Comments and",
  "other lines stay. What begins with '-' and is no flag stands behind --.",
];
const COMMAND = "passwd";
const EXAMPLE = "viaduto passwd -c passwords ana";
/** Of MQTT (MQTT 5 section 3.1.3.6). */
const PASSWORD_BYTES_MAX = 65_535;

type Given = {
  readonly file: string;
  readonly username: string;
  /** With -b. */
  readonly password: string | undefined;
  readonly isNew: boolean;
  readonly isRemoval: boolean;
};

/**
 * Does it; resolves to 0, or to 1 when Ctrl-C broke it off. Throws what the command line deserves,
 * `username_invalid`, `password_invalid`, `user_unknown`, `file_unreadable`,
 * `password_line_invalid` and `file_unwritable`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const given = readGiven(argv);
  const { file, username, isNew } = given;
  const problem = findUsernameProblem(username);
  if (problem) throw new ViadutoError("username_invalid", { given: username, reason: problem });
  const read = () => (isNew ? Promise.resolve("") : readText(file));
  if (given.isRemoval) return remove(await read(), given);
  await read(); // Before anybody is asked: what is wrong with the file is told at once.
  const password = await readPassword(given);
  if (!password) return 1;
  const hash = await hashPassword(password);
  const text = await read();
  const isKnown = withoutUser(text, username) !== undefined;
  await replaceFile(file, withPassword(text, username, hash));
  say(isKnown ? `${username} has another password in ${file}` : `${username} is added to ${file}`);
  return 0;
}

/** Its flags, for `--help`. */
export function help(): string {
  return formatFlags(ROWS, NOTES);
}

function readGiven(argv: readonly string[]): Given {
  const { values, positionals } = parseArguments(argv, toFlags(ROWS), COMMAND);
  for (const [name, [value = "true"]] of values) {
    if (value !== "true") throw toFlagInvalid(`--${name}`, value, "true");
  }
  const isRemoval = values.has("delete");
  const isBatch = values.has("batch");
  for (const other of ["create", "batch"]) {
    if (!isRemoval || !values.has(other)) continue;
    const facts = { one: "--delete", other: `--${other}`, command: COMMAND };
    throw new ViadutoError("flags_conflict", facts);
  }
  const [file, username, password] = positionals;
  if (positionals.length > (isBatch ? 3 : 2)) {
    // Not repeated: it is a password, if -b was forgotten.
    throw new ViadutoError("argument_unexpected", { given: "***", command: COMMAND });
  }
  if (file === undefined) throw toMissing("the file");
  if (username === undefined) throw toMissing("the user");
  if (isBatch && password === undefined) throw toMissing("the password");
  return { file, username, password, isNew: values.has("create"), isRemoval };
}

function toMissing(what: string): ViadutoError {
  return new ViadutoError("argument_missing", { what, example: EXAMPLE });
}

/** The file's text, which is that of a password file. */
async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    parsePasswordFile(bytes, file);
    return bytes.toString();
  } catch (cause) {
    if (cause instanceof ViadutoError) throw cause;
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const reason = isMissing ? "there is no such file, and only -c makes one" : toReason(cause);
    throw new ViadutoError("file_unreadable", { file, reason }, { cause });
  }
}

async function remove(text: string, { file, username }: Given): Promise<number> {
  const others = withoutUser(text, username);
  if (others === undefined) throw new ViadutoError("user_unknown", { file, given: username });
  await replaceFile(file, others);
  say(`${username} is removed from ${file}`);
  return 0;
}

/** Undefined when it was broken off. Throws `password_invalid`. */
async function readPassword({ password, username }: Given): Promise<Uint8Array | undefined> {
  if (password !== undefined) return checkPassword(Buffer.from(password));
  if (process.stdin.isTTY !== true) return checkPassword(await readPipedLine());
  const name = escapeControl(username);
  const answers = await askHidden([`Password of ${name}: `, "Once more: "]);
  if (!answers) return undefined;
  const [first = "", second] = answers;
  if (first !== second) {
    throw new ViadutoError("password_invalid", { reason: "it was not the same the second time" });
  }
  return checkPassword(Buffer.from(first));
}

function checkPassword(password: Uint8Array): Uint8Array {
  const fail = (reason: string) => new ViadutoError("password_invalid", { reason });
  if (password.length === 0) throw fail("it is empty");
  if (password.includes(0)) throw fail("it has a NUL character, where Mosquitto ends it");
  if (password.length > PASSWORD_BYTES_MAX) throw fail(`it is over ${PASSWORD_BYTES_MAX} bytes`);
  return password;
}

function say(line: string): void {
  process.stdout.write(`${escapeControl(line)}\n`);
}
