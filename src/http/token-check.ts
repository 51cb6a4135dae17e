// Who may ask over HTTP: whoever has the bearer token (RFC 6750), or the cookie that a browser is
// given for it. Asked by guard.ts before anything else; it knows no route but those that are open.

import { createHash, timingSafeEqual } from "node:crypto";
import { ViadutoError } from "../lib/errors.ts";

/** Undefined lets the request pass. Throws `token_missing`, `token_wrong`. */
export type CheckToken = (request: Request) => Response | undefined;

/** For whoever supervises the bridge, and has no token. */
const OPEN_PATHS: readonly string[] = ["/health", "/ready"];

/**
 * Asks every request for the token. `GET /?token=…` gives a browser its cookie and sends it to the
 * same page without the token, which is then neither in its history nor in what it tells others.
 * `basePath` is where the routes are mounted, "" for a server of their own.
 */
export function createTokenCheck(token: string, basePath = ""): CheckToken {
  const expected = digest(token);
  // Not the token: browsers send cookies to every port of a host, whoever listens there.
  const cookieValue = digest(`cookie of ${token}`).toString("base64url");
  return (request) => {
    const { pathname, searchParams, protocol, port } = new URL(request.url);
    if (OPEN_PATHS.includes(pathname)) return undefined;
    // Two bridges on one host do not take each other's cookie away.
    const cookieName = `viaduto-${port || protocol.slice(0, -1)}`;
    const given = searchParams.get("token");
    if (request.method === "GET" && pathname === "/" && given !== null) {
      if (!isSame(given, expected)) throw new ViadutoError("token_wrong");
      const path = basePath || "/";
      const secure = protocol === "https:";
      const options = { httpOnly: true, sameSite: "strict", path, secure } as const;
      return toHomePage(basePath, new Bun.Cookie(cookieName, cookieValue, options));
    }
    const bearer = readBearer(request.headers);
    if (bearer !== undefined) {
      if (isSame(bearer, expected)) return undefined;
      throw new ViadutoError("token_wrong");
    }
    const cookie = new Bun.CookieMap(request.headers.get("cookie") ?? "").get(cookieName);
    if (cookie === null) throw new ViadutoError("token_missing");
    if (!isSame(cookie, digest(cookieValue))) throw new ViadutoError("token_wrong");
    return undefined;
  };
}

// [RFC 9110 section 11.1] the name of the scheme is of any case.
function readBearer(headers: Headers): string | undefined {
  return /^Bearer +(.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

// Digests have one length, so that neither the length nor the first wrong letter takes its time.
function isSame(given: string, expected: Buffer): boolean {
  return timingSafeEqual(digest(given), expected);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function toHomePage(basePath: string, cookie: Bun.Cookie): Response {
  return new Response(null, {
    status: 303,
    headers: {
      Location: `${basePath}/`,
      "Set-Cookie": cookie.serialize(),
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    },
  });
}
