// What was answered to requests with an Idempotency-Key, so that one that is sent again is answered
// and not done again. Used by http/idempotent.ts; it knows nothing of what the requests do.

import type { Database } from "bun:sqlite";
import { toReason, ViadutoError } from "../lib/errors.ts";
import {
  openIdempotencyFile,
  type Remembered,
  readAnswer,
  toIdempotencyPath,
  writeAnswer,
} from "./idempotency-file.ts";

/** A key is its caller's own: nobody sees what another was answered. */
export type KeyId = { readonly caller: string; readonly key: string };

export type StoredAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export type IdempotencyLimits = {
  readonly keysMax: number;
  /** Of all bodies together. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
};

export type IdempotencyOptions = IdempotencyLimits & {
  /** Where the file is, or `:memory:`. */
  readonly folder: string;
  readonly now?: () => number;
};

/** The first request with a key, while it runs. Disposing without `finish` forgets it. */
export type Attempt = Disposable & {
  /** What of an earlier attempt was kept, which was not answered to the end. */
  readonly earlier: StoredAnswer | undefined;
  readonly finish: (answer: StoredAnswer) => void;
};

export type Idempotency = AsyncDisposable & {
  /**
   * The answer of an earlier request, or the attempt to make one. `fingerprint` stands for the
   * whole request. Throws `idempotency_key_reused`, `idempotency_under_way`, `store_failed`.
   */
  readonly begin: (id: KeyId, fingerprint: string) => StoredAnswer | Attempt;
};

/** From here on an answer is a failure that may be tried again. */
const FAILURE_MIN = 500;

/** The keys of a folder; its file is opened at the first: most bridges never see one. */
export function openIdempotency(options: IdempotencyOptions): Idempotency {
  const { folder, ageMsMax, now = Date.now } = options;
  const underWay = new Set<string>();
  let db: Database | undefined;
  const useFile = <T>(use: (db: Database) => T): T => {
    try {
      db ??= openIdempotencyFile(folder);
      return use(db);
    } catch (cause) {
      const facts = { file: toIdempotencyPath(folder), reason: toReason(cause) };
      throw new ViadutoError("store_failed", facts, { cause });
    }
  };
  const write = (id: KeyId, answer: Remembered) => {
    useFile((db) => db.transaction(() => writeAnswer(db, id, answer, options)).immediate());
  };
  return {
    begin(id, fingerprint) {
      const { caller, key } = id;
      const name = JSON.stringify([caller, key]);
      if (underWay.has(name)) throw new ViadutoError("idempotency_under_way", { key });
      const known = useFile((db) => readAnswer(db, id));
      const remembered = known && known.atMs >= now() - ageMsMax ? known : undefined;
      if (remembered && remembered.fingerprint !== fingerprint) {
        throw new ViadutoError("idempotency_key_reused", { key });
      }
      if (remembered && remembered.status < FAILURE_MIN) return remembered;
      underWay.add(name);
      return {
        earlier: remembered,
        finish: (answer) => write(id, { ...answer, fingerprint, atMs: now() }),
        [Symbol.dispose]: () => void underWay.delete(name),
      };
    },
    async [Symbol.asyncDispose]() {
      db?.close();
      db = undefined;
    },
  };
}
