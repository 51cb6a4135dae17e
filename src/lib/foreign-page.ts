// Whether a web page of another site is asking, in the browser of someone who can reach us.
// Browsers name the page's site in Origin whenever it could do harm; programs send none (RFC 6454
// section 7).

/**
 * True for a request of a foreign page. Listening on loopback, only pages of this machine are ours,
 * on whatever port; otherwise only pages of the host that the request is for. Those of
 * `welcomeOrigins` are always ours.
 */
export function isFromForeignPage(
  { headers }: Pick<Request, "headers">,
  listensOnLoopback: boolean,
  welcomeOrigins: readonly string[] = [],
): boolean {
  const origin = headers.get("origin");
  if (origin === null || welcomeOrigins.includes(origin)) return false;
  const url = URL.parse(origin);
  if (!url) return true;
  return listensOnLoopback
    ? !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
    : url.host !== headers.get("host");
}
