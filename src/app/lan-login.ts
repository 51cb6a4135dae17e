// The login that `--lan` makes for a room: one user, a password that can be read aloud, and a token
// for HTTP. Kept beside the dead letters, so that devices find their way back after a restart.
// Opened by bridge.ts, which hands it on; it checks nobody's password.

import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/read.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { PASSWORD_WORDS } from "./password-words.ts";

export type LanLogin = {
  readonly username: string;
  readonly password: string;
  readonly httpToken: string;
  /** Made by this start: nobody was told of it yet. */
  readonly isNew: boolean;
};
type Kept = Omit<LanLogin, "isNew">;

const USERNAME = "viaduto";
const FILE = "lan-login.json";
/** 3 × 8 bits, and 7 more: 2^31 guesses, which a login throttle makes long. */
const WORD_COUNT = 3;
const NUMBER_MAX = 127;
/** Nobody types it: it comes by the QR code, or is copied. */
const TOKEN_BYTES = 12;

/**
 * The login of a bridge with `--lan`, made at its first start; undefined without. Throws
 * `file_unreadable` for a file that is not ours, and `file_unwritable`.
 */
export function openLanLogin({ lan, data }: Pick<Settings, "lan" | "data">): LanLogin | undefined {
  if (!lan) return undefined;
  if (data === ":memory:") return { ...createLogin(), isNew: true };
  const kept = readLanLogin(data);
  if (kept) return { ...kept, isNew: false };
  const made = createLogin();
  write(data, made);
  return { ...made, isNew: true };
}

/** What was kept in the folder; undefined when nothing was. Throws `file_unreadable`. */
export function readLanLogin(folder: string): Kept | undefined {
  const file = join(folder, FILE);
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new ViadutoError("file_unreadable", { file, reason: toReason(cause) }, { cause });
  }
}

function createLogin(): Kept {
  const words = Array.from({ length: WORD_COUNT }, () => {
    return PASSWORD_WORDS[randomInt(PASSWORD_WORDS.length)];
  });
  return {
    username: USERNAME,
    password: [...words, randomInt(NUMBER_MAX + 1)].join("-"),
    httpToken: randomBytes(TOKEN_BYTES).toString("base64url"),
  };
}

function parse(text: string): Kept {
  const { username, password, httpToken } = (JSON.parse(text) ?? {}) as Partial<Kept>;
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  if (![username, password, httpToken].every(isText)) {
    throw new Error("it must have a username, a password and an httpToken");
  }
  return { username, password, httpToken } as Kept;
}

// Whole or not at all, and for nobody else to read.
function write(folder: string, login: Kept): void {
  const file = join(folder, FILE);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${JSON.stringify(login, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw new ViadutoError("file_unwritable", { file, reason: toReason(cause) }, { cause });
  }
}

/**
 * The logins for the embedded broker: that of `--lan`, unless there is a file of them. Undefined
 * when nobody has a login of it.
 */
export function toBrokerLogins(
  login: LanLogin | undefined,
  { passwordFile }: Pick<Settings, "passwordFile">,
): readonly Pick<LanLogin, "username" | "password">[] | undefined {
  if (!login || passwordFile !== undefined) return undefined;
  return [{ username: login.username, password: login.password }];
}
