// The embedded broker behind logins and rights, from real files.

import { openTestAccess, toPasswordLines } from "../access/open-access.ts";
import type { BrokerTestOptions } from "./broker-settings.ts";
import { type EmbeddedBroker, startEmbedded } from "./embedded-broker.ts";

const USERS = { ana: "secret", boss: "secret" };
const ACL = `
user boss
topic readwrite #

user ana
topic readwrite open/#
topic write inbox
topic read outbox
topic deny open/closed/#
`;

/** The logins of the two, as CONNECT has them. */
export const ANA = { username: "ana", password: Buffer.from("secret") } as const;
export const BOSS = { username: "boss", password: Buffer.from("secret") } as const;

export type GuardedBroker = EmbeddedBroker & {
  /** Writes another ACL file, and has it read. */
  setAcl(text: string): Promise<void>;
  /** The lines of the password file, without their end. */
  readonly passwordLines: readonly string[];
  /** Writes another password file, and has it read. */
  setPasswords(lines: readonly string[]): Promise<void>;
};

export async function startGuarded(options: BrokerTestOptions = {}): Promise<GuardedBroker> {
  await using stack = new AsyncDisposableStack();
  const passwords = await toPasswordLines(USERS);
  const { access, folder } = stack.use(await openTestAccess({ passwords, acl: ACL }));
  const broker = stack.use(await startEmbedded({ ...options, access }));
  const owned = stack.move();
  return {
    ...broker,
    passwordLines: passwords.trimEnd().split("\n"),
    async setPasswords(lines) {
      await folder.write("passwords", lines.map((line) => `${line}\n`).join(""));
      await access.reload();
    },
    async setAcl(text: string) {
      await folder.write("acl", text);
      await access.reload();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
