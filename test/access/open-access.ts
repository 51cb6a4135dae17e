// An access with its files in a folder of its own, and its log; gone with `await using`.

import { type Access, type AccessOptions, openAccess } from "../../src/access/access.ts";
import { hashPassword } from "../../src/access/password-hash.ts";
import { createLogger } from "../../src/lib/log.ts";
import { createLogLines, type LogLines } from "../kit/log-lines.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";

export type OpenedAccess = AsyncDisposable & {
  readonly access: Access;
  readonly folder: TemporaryFolder;
  readonly log: LogLines;
  /** `granted as ana`, or `bad_login: …`. */
  logIn(username?: string, password?: string, more?: object): Promise<string>;
};

type Files = { readonly passwords?: string | Uint8Array; readonly acl?: string | Uint8Array };

/** Files that are absent are not named either. */
export async function openTestAccess(
  files: Files,
  options: Partial<AccessOptions> = {},
): Promise<OpenedAccess> {
  const { passwords, acl } = files;
  const folder = await makeTemporaryFolder();
  const log = createLogLines();
  const passwordFile =
    passwords === undefined ? undefined : await folder.write("passwords", passwords);
  const aclFile = acl === undefined ? undefined : await folder.write("acl", acl);
  const access = await openAccess({
    passwordFile,
    aclFile,
    allowAnonymous: false,
    log: createTestLogger(log),
    ...options,
  });
  return {
    access,
    folder,
    log,
    async logIn(username, password, more = {}) {
      const bytes = password === undefined ? undefined : Buffer.from(password);
      const person = { username, clientId: "c1", address: "192.0.2.1" };
      const result = await access.login({ ...person, password: bytes, ...more });
      if (result.isGranted) return `granted as ${result.username}`;
      return `${result.code}: ${result.reason}`;
    },
    async [Symbol.asyncDispose]() {
      await access[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function createTestLogger({ writer }: LogLines) {
  return createLogger({ name: "access", level: "info", format: "text", colour: false, writer });
}

/** A password file with a line of ours for each user. */
export async function toPasswordLines(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(users).map(async ([username, password]) => {
    return `${username}:${await hashPassword(Buffer.from(password))}\n`;
  });
  return (await Promise.all(lines)).join("");
}
