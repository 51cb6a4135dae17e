// Pages of other sites that may use the routes: those of the origins that --cors-origins names, and
// no other (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). Cookies are never theirs.
// Called by guard.ts.

const METHODS = "GET, HEAD, POST, PUT, DELETE";
/** Any; but `*` does not stand for Authorization, which must be named. */
const HEADERS = "*, Authorization";
/** All that an answer has, since it came without cookies. */
const EXPOSED = "*";
const AGE_SECONDS_MAX = "600";

/** What a browser asks before it sends anything; undefined when it is no such question. */
export function answerPreflight(
  { method, headers }: Request,
  origins: readonly string[],
): Response | undefined {
  if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
  if (!origins.includes(headers.get("origin") ?? "")) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": HEADERS,
      "Access-Control-Max-Age": AGE_SECONDS_MAX,
    },
  });
}

/** Lets the page of a named origin read the answer. */
export function allowOrigin(
  answer: Headers,
  { headers }: Request,
  origins: readonly string[],
): void {
  if (origins.length === 0) return;
  // Whoever has no origin, too: a cache must not give its answer to a page.
  answer.append("Vary", "Origin");
  const origin = headers.get("origin");
  if (origin === null || !origins.includes(origin)) return;
  answer.set("Access-Control-Allow-Origin", origin);
  answer.set("Access-Control-Expose-Headers", EXPOSED);
}
