// The users of one password file, as it was read: whether a password is right. Called by access,
// which makes another after a reload. Whether a name exists never shows in the time of an answer.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { formatPasswordHash, isPasswordOf, type PasswordHash } from "./password-hash.ts";

export type Passwords = {
  readonly size: number;
  has(username: string): boolean;
  /** What stands in the file for the user; another text after each change of the password. */
  entryOf(username: string): string | undefined;
  /** Whether it is the user's password; of a user who is not there, none is. */
  isRight(username: string, password: Uint8Array): Promise<boolean>;
};

const DIGEST = "sha256";
const KEY_BYTES = 32;

/** Answers by the hashes of the file; to remember the right passwords takes one digest per user. */
export function createPasswords(hashes: ReadonlyMap<string, PasswordHash>): Passwords {
  // Its key is in no file, so that what stands in memory tells nothing about a password; nothing
  // compares it but this object, with which it goes at a reload.
  const key = randomBytes(KEY_BYTES);
  const toDigest = (text: string | Uint8Array) => createHmac(DIGEST, key).update(text).digest();
  /**
   * User → digest of the right password: a device that comes back costs no PBKDF2. Bounded by the
   * users of the file, because only one password of each is right.
   */
  const proven = new Map<string, Buffer>();
  const all = [...hashes.values()];

  /** For who is not there: the hash of somebody else, for the same name always the same. */
  function chooseDecoy(username: string): PasswordHash | undefined {
    return all[toDigest(username).readUInt32LE() % all.length];
  }
  return {
    size: hashes.size,
    has: (username) => hashes.has(username),
    entryOf(username) {
      const hash = hashes.get(username);
      return hash && formatPasswordHash(hash);
    },
    async isRight(username, password) {
      const digest = toDigest(password);
      const known = proven.get(username);
      if (known && timingSafeEqual(known, digest)) return true;
      const hash = hashes.get(username);
      const compared = hash ?? chooseDecoy(username);
      const isSame = compared !== undefined && (await isPasswordOf(compared, password));
      if (!hash || !isSame) return false;
      proven.set(username, digest);
      return true;
    },
  };
}
