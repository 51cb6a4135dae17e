// Who may log in at the embedded broker, and what each may do there: the face of this folder.
// Opened by whoever opens the broker. Knows no connection and no packet, only names and topics.

import { type Clock, SYSTEM_CLOCK } from "../lib/clock.ts";
import { count } from "../lib/count.ts";
import type { Logger } from "../lib/log.ts";
import { quote } from "../lib/quotation.ts";
import { createAcl, createPermissions, type Permissions, type Person } from "./acl.ts";
import { type AclRules, parseAclFile } from "./acl-file.ts";
import { openLoadedFile } from "./loaded-file.ts";
import { createLoginThrottle, type LoginThrottle } from "./login-throttle.ts";
import { parsePasswordFile } from "./password-file.ts";
import { hashPassword, parsePasswordHash } from "./password-hash.ts";
import { createPasswords, type Passwords } from "./passwords.ts";

export type { Permissions, Person };

export type Login = Person & {
  readonly password: Uint8Array | undefined;
  /** Without the port. */
  readonly address: string;
  /** Common name of a verified client certificate: it stands for user name and password. */
  readonly certificateName?: string | undefined;
};

export type GrantedLogin = {
  readonly username: string | undefined;
  /** The line of the password file by which it was granted; undefined without a password. */
  readonly entry?: string | undefined;
};

export type LoginResult =
  | ({ readonly isGranted: true } & GrantedLogin)
  | {
      readonly isGranted: false;
      /** MQTT 5 0x86 and 0x87, MQTT 3.1.1 4 and 5. */
      readonly code: "bad_login" | "not_authorized";
      /** For the broker's log; the client must not see whether a name exists. */
      readonly reason: string;
    };

export type Access = AsyncDisposable & {
  /** Never throws. May take seconds, when the address has failed often. */
  login(login: Login): Promise<LoginResult>;
  /** Why a login of before would not be granted any more; undefined while it would. */
  findWithdrawal(login: GrantedLogin): string | undefined;
  /** Called after each reload of the password file, until it is disposed. */
  onPasswordsRead(listener: () => void): Disposable;
  /** Undefined where everything is allowed. */
  permissionsOf(person: Person): Permissions | undefined;
  /** Reads both files again; never throws: what is wrong is logged, and the old content stays. */
  reload(): Promise<void>;
};

export type AccessOptions = {
  readonly passwordFile: string | undefined;
  /** Logins that stand in no file; of no meaning with one. They count like a file. */
  readonly logins?: readonly { readonly username: string; readonly password: string }[] | undefined;
  readonly aclFile: string | undefined;
  /** Whether one may come without a user name; without a password file, with any. */
  readonly allowAnonymous: boolean;
  readonly log: Logger;
  /** For the delays after failed logins; the files are looked at in the machine's own time. */
  readonly clock?: Clock;
  /** Failed logins of one address, within a minute, until it is slowed down; 5 when absent. */
  readonly loginFailuresMax?: number;
};

const NO_PASSWORD = new Uint8Array();

/**
 * Reads the files, and reads them again when they change. Throws `file_unreadable`,
 * `password_line_invalid` and `acl_line_invalid`.
 */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { passwordFile, aclFile, log, clock = SYSTEM_CLOCK, loginFailuresMax } = options;
  await using opened = new AsyncDisposableStack();
  const listeners = new Set<() => void>();
  const onReload = () => {
    for (const tell of [...listeners]) tell();
  };
  const passwords =
    passwordFile === undefined
      ? await toPasswords(options.logins)
      : opened.use(await openPasswords(passwordFile, log, onReload));
  const acl = aclFile === undefined ? undefined : opened.use(await openAcl(aclFile, log));
  if (acl?.current().isByName && !passwords && options.allowAnonymous) {
    const remedy = "--password-file asks for a password";
    log.warn(`${aclFile} gives rights by user name, and any user name is believed: ${remedy}`);
  }
  const closed = new AbortController();
  opened.defer(() => closed.abort());
  const throttle = createLoginThrottle({
    clock,
    signal: closed.signal,
    ...(loginFailuresMax !== undefined && { failuresMax: loginFailuresMax }),
  });
  const resources = opened.move();

  return {
    async login(login) {
      const { username, certificateName } = login;
      if (certificateName !== undefined) return toCertified(certificateName);
      if (username !== undefined && passwords) {
        return checkPassword({ ...login, username }, passwords.current, throttle);
      }
      // Without a password file any name may be taken, as with Mosquitto: nobody has one.
      if (options.allowAnonymous) return { isGranted: true, username };
      const reason = passwords ? "it has no user name" : "there is no password file to check it by";
      return { isGranted: false, code: "not_authorized", reason };
    },
    findWithdrawal: (login) => passwords && findWithdrawal(login, passwords.current()),
    onPasswordsRead(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    permissionsOf: (person) => acl && createPermissions(() => acl.current().acl, person),
    async reload() {
      await Promise.all([passwords?.reload(), acl?.reload()]);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function toCertified(name: string): LoginResult {
  // A NUL is how a certificate for one name is passed off as another's.
  if (name !== "" && !name.includes("\0")) return { isGranted: true, username: name };
  return { isGranted: false, code: "not_authorized", reason: "its certificate has no usable name" };
}

async function checkPassword(
  { username, password, address }: Login & { readonly username: string },
  passwords: () => Passwords,
  throttle: LoginThrottle,
): Promise<LoginResult> {
  let entry: string | undefined;
  const outcome = await throttle.check(address, async () => {
    const asked = passwords();
    entry = asked.entryOf(username);
    // Also without one, a hash is computed: the time must not tell who exists.
    const isRight = await asked.isRight(username, password ?? NO_PASSWORD);
    // Nor may it be the password of a file that was replaced meanwhile.
    return isRight && password !== undefined && entry === passwords().entryOf(username);
  });
  if (outcome === "right") return { isGranted: true, username, entry };
  if (outcome === "busy") {
    const reason = "too many logins wait already, or the broker is stopping";
    return { isGranted: false, code: "not_authorized", reason };
  }
  const isKnown = passwords().has(username);
  const wrong =
    password === undefined ? "it has no password" : `${quote(username)} has another password`;
  const reason = isKnown ? wrong : `there is no user ${quote(username)}`;
  return { isGranted: false, code: "bad_login", reason };
}

function findWithdrawal(
  { username = "", entry }: GrantedLogin,
  passwords: Passwords,
): string | undefined {
  if (entry === undefined || entry === passwords.entryOf(username)) return undefined;
  return passwords.has(username) ? "its password was changed" : "its login was removed";
}

async function toPasswords(logins: AccessOptions["logins"]) {
  if (!logins) return undefined;
  const hashes = await Promise.all(
    logins.map(async ({ username, password }) => {
      const hash = await hashPassword(Buffer.from(password));
      return [username, parsePasswordHash(hash)] as const;
    }),
  );
  const passwords = createPasswords(new Map(hashes));
  return { current: () => passwords, reload: async () => {} };
}

function openPasswords(file: string, log: Logger, onReload: () => void) {
  return openLoadedFile({
    file,
    log,
    isSecret: true,
    onReload,
    parse: (bytes) => createPasswords(parsePasswordFile(bytes, file)),
    describe: (passwords) => count(passwords.size, "user"),
    findDoubt({ size }) {
      if (size > 0) return undefined;
      return `${file} has no user, so nobody can log in: viaduto passwd ${file} <name> adds one`;
    },
  });
}

function openAcl(file: string, log: Logger) {
  return openLoadedFile({
    file,
    log,
    isSecret: false,
    parse(bytes) {
      const rules = parseAclFile(bytes, file);
      return { acl: createAcl(rules), size: countRules(rules), isByName: isByName(rules) };
    },
    describe: ({ size }) => count(size, "rule"),
  });
}

/** Whether a user name makes a difference. */
function isByName({ users, patterns }: AclRules): boolean {
  return users.size > 0 || patterns.some(({ filter }) => filter.includes("%u"));
}

function countRules({ anonymous, users, patterns }: AclRules): number {
  const ofUsers = [...users.values()].reduce((sum, rules) => sum + rules.length, 0);
  return anonymous.length + ofUsers + patterns.length;
}
