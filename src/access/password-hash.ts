// One password of Mosquitto's password file: `$7$<iterations>$<salt>$<hash>`, PBKDF2 with SHA-512,
// and the older `$6$<salt>$<hash>`, one SHA-512 of password and salt. Called by password-file,
// passwords and `viaduto passwd`. Never keeps a password, and never blocks the event loop over one.

import { createHash, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

export type PasswordHash = {
  /** Rounds of PBKDF2; undefined for `$6$`. */
  readonly iterations: number | undefined;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
};

/**
 * For new passwords: about 10 ms of one core. Mosquitto's tool takes 101, later ones 1,000, which a
 * stolen file does not survive; OWASP's 210,000 would cost a broker whose 10,000 devices all come
 * back after a restart a quarter of an hour, and a real Mosquitto, which may read the same file,
 * does nothing else meanwhile.
 */
const ITERATIONS = 20_000;
/** What Mosquitto takes, and no other: it refuses a salt of another length. */
const SALT_BYTES = 12;
const DIGEST_BYTES = 64;
/** Some seconds of one core: a file with more would make every login a standstill. */
const ITERATIONS_MAX = 10_000_000;
const SHAPE = /^\$(?:6|7\$(?<iterations>[1-9][0-9]{0,9}))\$(?<salt>[^$]+)\$(?<digest>[^$]+)$/;

const derive = promisify(pbkdf2);

/** Reads the text behind `user:`. Throws an error with the reason, which never repeats the text. */
export function parsePasswordHash(text: string): PasswordHash {
  const parts = SHAPE.exec(text)?.groups;
  if (!parts) throw new Error("its password is not hashed, or not in Mosquitto's way");
  const iterations = parts.iterations === undefined ? undefined : Number(parts.iterations);
  if (iterations !== undefined && iterations > ITERATIONS_MAX) {
    throw new Error(`its hash has over ${ITERATIONS_MAX} iterations`);
  }
  const salt = parseBase64(parts.salt ?? "");
  const digest = parseBase64(parts.digest ?? "");
  if (!salt) throw new Error("its salt is not base64");
  if (digest?.length !== DIGEST_BYTES) {
    throw new Error(`its hash is not base64 of ${DIGEST_BYTES} bytes`);
  }
  return { iterations, salt, digest };
}

/** The text that `parsePasswordHash` reads. */
export function formatPasswordHash({ iterations, salt, digest }: PasswordHash): string {
  const [saltText, digestText] = [salt, digest].map((bytes) =>
    Buffer.from(bytes).toString("base64"),
  );
  const head = iterations === undefined ? "$6" : `$7$${iterations}`;
  return `${head}$${saltText}$${digestText}`;
}

/** A new hash of a password, in the text of the file. */
export async function hashPassword(password: Uint8Array): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const digest = await derive(password, salt, ITERATIONS, DIGEST_BYTES, "sha512");
  return formatPasswordHash({ iterations: ITERATIONS, salt, digest });
}

/** Whether the password is the one that was hashed; takes as long when it is not. */
export async function isPasswordOf(hash: PasswordHash, password: Uint8Array): Promise<boolean> {
  const { iterations, salt, digest } = hash;
  const found =
    iterations === undefined
      ? createHash("sha512").update(password).update(salt).digest()
      : await derive(password, salt, iterations, DIGEST_BYTES, "sha512");
  return timingSafeEqual(found, digest);
}

// Buffer.from leaves out what is not base64; a hash with a typing error would be another one.
function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64") === text ? bytes : undefined;
}
