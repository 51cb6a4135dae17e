// The file of --http-tokens-file: `token <name> <token|sha256:hex>`, and below it what that one may
// do. Read by http-tokens; pure text work, and its errors never repeat a token.

import { createHash } from "node:crypto";
import { ViadutoError } from "../lib/errors.ts";
import { parsePattern } from "../topics/pattern.ts";
import { findTextLines, trimBlanks } from "./text-lines.ts";
import type { Grant, Rights } from "./token-rights.ts";

export type TokenEntry = {
  readonly name: string;
  /** SHA-256 of the token, as hexadecimal digits. */
  readonly digest: string;
  /** The token itself, where the file has it. */
  readonly secret?: string;
  readonly rights: Rights;
};

const TOKENS_MAX = 1_000;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** What a header can carry as it is (RFC 6750 section 2.1). */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const DIGEST = /^sha256:([0-9a-f]{64})$/i;

type Open = Omit<TokenEntry, "rights"> & { readonly grants: Grant[]; readonly denials: string[] };

/** The tokens, as the file has them. It is only named in errors. Throws `token_line_invalid`. */
export function parseTokenFile(bytes: Uint8Array, file: string): readonly TokenEntry[] {
  const fail = (line: number, reason: string) =>
    new ViadutoError("token_line_invalid", { file, line, reason });
  const tokens: Open[] = [];
  for (const { number, text } of findTextLines(bytes, fail)) {
    const words = trimBlanks(text).split(/[ \t]+/);
    const reason = words[0] === "token" ? addToken(tokens, words) : addRight(tokens.at(-1), words);
    if (reason !== undefined) throw fail(number, reason);
  }
  return tokens.map(({ grants, denials, ...token }) => ({ ...token, rights: { grants, denials } }));
}

/** SHA-256 of a token, as hexadecimal digits. */
export function digestToken(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

// Both give the reason why a line is none.
function addToken(tokens: Open[], [, name = "", text = "", more]: readonly string[]) {
  if (!NAME.test(name)) return "its name must be of letters, digits and ._-, at most 64";
  if (tokens.some((token) => token.name === name)) return `there is a token '${name}' above`;
  if (more !== undefined) return "something stands behind the token";
  const hex = DIGEST.exec(text)?.[1]?.toLowerCase();
  if (text.startsWith("sha256:") && hex === undefined) {
    return "behind sha256: there must be 64 hexadecimal digits";
  }
  if (hex === undefined && !TOKEN.test(text)) {
    return "its token must be of letters, digits and -._~+/, or be sha256:<hex>";
  }
  if (tokens.length >= TOKENS_MAX) return `it has more than ${TOKENS_MAX} tokens`;
  const digest = hex ?? digestToken(text);
  const twin = tokens.find((token) => token.digest === digest);
  if (twin) return `its token is that of '${twin.name}'`; // Whose rights would it have?
  const secret = hex === undefined ? { secret: text } : {};
  tokens.push({ name, digest, ...secret, grants: [], denials: [] });
  return undefined;
}

function addRight(token: Open | undefined, [word = "", ...rest]: readonly string[]) {
  if (!token) return "there is no 'token' line above it";
  const filter = rest.length === 0 ? undefined : rest.join(" ");
  const problem = filter === undefined ? undefined : findFilterProblem(filter);
  if (problem !== undefined) return problem;
  switch (word) {
    case "read":
    case "publish":
      token.grants.push({ scope: word, ...(filter !== undefined && { filter }) });
      return undefined;
    case "admin":
      if (filter !== undefined) return "'admin' has no filter";
      token.grants.push({ scope: word });
      return undefined;
    case "deny":
      if (filter === undefined) return "'deny' has no filter";
      token.denials.push(filter);
      return undefined;
    default:
      return `it begins with '${word.slice(0, 20)}'`;
  }
}

// `{name}` is what handlers write; here it would be a topic that nobody has.
function findFilterProblem(filter: string): string | undefined {
  try {
    const { filter: plain } = parsePattern(filter);
    return plain === filter ? undefined : "its filter has {…}: write + or # instead";
  } catch {
    return "its filter is none of MQTT's";
  }
}
