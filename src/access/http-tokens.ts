// Whose token it is that somebody shows over HTTP. Opened by guarded-bridge.ts, asked by HTTP's
// guard. It knows no request, and never gives a token away.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, SYSTEM_CLOCK } from "../lib/clock.ts";
import { count } from "../lib/count.ts";
import type { Logger } from "../lib/log.ts";
import { toAddressRange } from "./address-range.ts";
import { openLoadedFile } from "./loaded-file.ts";
import { createLoginThrottle } from "./login-throttle.ts";
import { digestToken, parseTokenFile, type TokenEntry } from "./token-file.ts";
import { ALL_RIGHTS, type Rights } from "./token-rights.ts";

export type HttpToken = {
  readonly name: string;
  readonly rights: Rights;
  /** What a browser is given in place of the token. */
  readonly cookie: string;
};

/** The token itself, or the cookie that stands for it. */
export type Shown = { readonly kind: "token" | "cookie"; readonly text: string };

export type HttpTokens = AsyncDisposable & {
  /** False where nobody is asked for one. */
  readonly isAsked: boolean;
  /**
   * The token, if there is one like it. Never throws. May take seconds when wrong ones came from
   * the address; "busy" when it was not even looked at, since too many wait already.
   */
  identify(shown: Shown, address: string): Promise<HttpToken | "wrong" | "busy">;
  /** Reads the file again; never throws: what is wrong is logged, and the old content stays. */
  reload(): Promise<void>;
};

export type HttpTokensOptions = {
  readonly file: string | undefined;
  /** One more, which may do everything. */
  readonly token: { readonly name: string; readonly secret: string } | undefined;
  readonly log: Logger;
  /** For the delays after wrong tokens; the file is looked at in the machine's own time. */
  readonly clock?: Clock;
};

/** Wrong tokens that are known as such; beyond it the oldest is forgotten. */
const KNOWN_WRONG_MAX = 10_000;

/** Reads the file, and again when it changes. Throws `file_unreadable`, `token_line_invalid`. */
export async function openHttpTokens(options: HttpTokensOptions): Promise<HttpTokens> {
  const { file, token, log, clock = SYSTEM_CLOCK } = options;
  await using opened = new AsyncDisposableStack();
  const key = randomBytes(32);
  const own = token ? [toFullEntry(token)] : [];
  const parse = (bytes: Uint8Array) =>
    createIndex([...own, ...parseTokenFile(bytes, file ?? "")], key);
  const loaded =
    file === undefined
      ? undefined
      : opened.use(
          await openLoadedFile({
            file,
            log,
            isSecret: true,
            parse,
            describe: ({ size }) => count(size - own.length, "token"),
          }),
        );
  const index = createIndex(own, key);
  const find = (shown: Shown) => (loaded?.current() ?? index).find(shown);
  const closed = new AbortController();
  opened.defer(() => closed.abort());
  const throttle = createLoginThrottle({ clock, signal: closed.signal });
  const knownWrong = createKnown(KNOWN_WRONG_MAX);
  const resources = opened.move();
  return {
    isAsked: file !== undefined || token !== undefined,
    async identify(shown, address) {
      const found = find(shown);
      if (found && !throttle.isDelaying(address)) return found;
      // A program that goes on with yesterday's token guesses nothing: it slows nobody down.
      const attempt = `${toAddressRange(address)} ${digestToken(shown.text)}`;
      if (!found && knownWrong.has(attempt)) return "wrong";
      const outcome = await throttle.check(address, async () => find(shown) !== undefined);
      if (outcome === "wrong") knownWrong.add(attempt);
      return outcome === "right" ? (find(shown) ?? "wrong") : outcome;
    },
    reload: async () => loaded?.reload(),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function toFullEntry({ name, secret }: { name: string; secret: string }): TokenEntry {
  return { name, secret, digest: digestToken(secret), rights: ALL_RIGHTS };
}

// Found by its digest, whose characters tell nothing of the token's: how long a search takes helps
// nobody to guess the next one.
function createIndex(entries: readonly TokenEntry[], key: Buffer) {
  const tokens = entries.map((entry) => {
    const cookie = toCookie(entry, key);
    return { ...entry, cookie, cookieDigest: digestToken(cookie) };
  });
  const bySecret = new Map(tokens.map((token) => [token.digest, token]));
  const byCookie = new Map(tokens.map((token) => [token.cookieDigest, token]));
  return {
    size: tokens.length,
    find({ kind, text }: Shown): HttpToken | undefined {
      const digest = digestToken(text);
      const token = (kind === "token" ? bySecret : byCookie).get(digest);
      const expected = kind === "token" ? token?.digest : token?.cookieDigest;
      if (!token || !timingSafeEqual(Buffer.from(digest), Buffer.from(expected ?? ""))) {
        return undefined;
      }
      return token;
    },
  };
}

// Not the token: browsers send cookies to every port of a host, whoever listens there. Where the
// file has a digest alone, whoever reads the file must not be able to make the cookie: it holds
// until the bridge is restarted.
function toCookie({ secret, digest }: TokenEntry, key: Buffer): string {
  if (secret === undefined) return createHmac("sha256", key).update(digest).digest("base64url");
  return Buffer.from(digestToken(`cookie of ${secret}`), "hex").toString("base64url");
}

function createKnown(sizeMax: number) {
  const known = new Set<string>();
  return {
    has: (text: string) => known.has(text),
    add(text: string): void {
      known.delete(text);
      known.add(text); // At the end, since a Set keeps the order.
      const [oldest] = known;
      if (known.size > sizeMax && oldest !== undefined) known.delete(oldest);
    },
  };
}
