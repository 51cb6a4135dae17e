// Who asks over HTTP: whoever has a bearer token (RFC 6750), the same as a password (RFC 7617), or
// the cookie that a browser is given for it. Asked by guard.ts; which token may do what is not
// known here.

import type { HttpToken, HttpTokens, Shown } from "../access/http-tokens.ts";
import { ViadutoError } from "../lib/errors.ts";
import { ANYONE, type Caller, createCaller } from "./caller.ts";
import { wantsPage } from "./page-files.ts";
import type { Routable } from "./routable-request.ts";
import { isOpen } from "./route-scopes.ts";

export type Identified =
  | { readonly kind: "caller"; readonly caller: Caller }
  /** A browser that has shown its token is answered with its cookie. */
  | { readonly kind: "answer"; readonly answer: Response };

const callers = new WeakMap<HttpToken, Caller>();

/**
 * Who sends the request. `GET /?token=…` gives a browser its cookie and sends it to the same page
 * without the token, which is then neither in its history nor in what it tells others. `basePath`
 * is where the routes are mounted, "" for a server of their own. Throws `token_missing`,
 * `token_wrong` and `tokens_guessed`.
 */
export async function identify(
  { request, pathname }: Routable,
  address: string,
  tokens: HttpTokens,
  basePath = "",
): Promise<Identified> {
  if (!tokens.isAsked || isOpen(pathname)) return { kind: "caller", caller: ANYONE };
  const url = new URL(request.url);
  const isHome = pathname === "/";
  const given = isHome && request.method === "GET" ? url.searchParams.get("token") : null;
  if (given !== null) {
    const found = await tokens.identify({ kind: "token", text: given }, address);
    // A link of yesterday leads to the page, which asks for the token of today.
    const isAskedThere = found === "wrong" && wantsPage(request);
    const cookie = isAskedThere ? undefined : toKnown(found).cookie;
    return { kind: "answer", answer: toHomePage(url, basePath, cookie) };
  }
  if (isHome && wantsPage(request)) return { kind: "caller", caller: ANYONE }; // It asks itself.
  const shown = readShown(request.headers, toCookieName(url));
  if (!shown) throw new ViadutoError("token_missing");
  return { kind: "caller", caller: toCaller(await findToken(shown, address, tokens)) };
}

async function findToken(shown: Shown, address: string, tokens: HttpTokens): Promise<HttpToken> {
  return toKnown(await tokens.identify(shown, address));
}

function toKnown(found: HttpToken | "busy" | "wrong"): HttpToken {
  if (found === "busy") throw new ViadutoError("tokens_guessed");
  if (found === "wrong") throw new ViadutoError("token_wrong");
  return found;
}

// A header goes before a cookie: who writes one means it.
function readShown(headers: Headers, cookieName: string): Shown | undefined {
  // [RFC 9110 section 11.1] the name of the scheme is of any case.
  const [, scheme, text = ""] =
    /^(Bearer|Basic) +(.*)$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (scheme?.toLowerCase() === "bearer") return { kind: "token", text };
  if (scheme !== undefined) return { kind: "token", text: readPassword(text) };
  const cookie = new Bun.CookieMap(headers.get("cookie") ?? "").get(cookieName);
  return cookie === null ? undefined : { kind: "cookie", text: cookie };
}

// The user is whoever it wants to be: scripts for EMQX send the name of their key.
function readPassword(base64: string): string {
  const text = Buffer.from(base64, "base64").toString();
  return text.slice(text.indexOf(":") + 1);
}

// Two bridges on one host do not take each other's cookie away.
function toCookieName({ port, protocol }: URL): string {
  return `viaduto-${port || protocol.slice(0, -1)}`;
}

function toCaller(token: HttpToken): Caller {
  const caller = callers.get(token) ?? createCaller(token.name, token.rights);
  callers.set(token, caller);
  return caller;
}

function toHomePage(url: URL, basePath: string, value: string | undefined): Response {
  const headers = new Headers({ Location: `${basePath}/` });
  if (value !== undefined) {
    const cookie = new Bun.Cookie(toCookieName(url), value, {
      httpOnly: true,
      sameSite: "strict",
      path: basePath || "/",
      secure: url.protocol === "https:",
    });
    headers.set("Set-Cookie", cookie.serialize());
  }
  return new Response(null, { status: 303, headers });
}
