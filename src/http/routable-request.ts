// A request as the routes can read it. Called by guard.ts, before anything else.

export type Routable = { readonly request: Request; readonly pathname: string };

/** Bun's URL with a host that has room, which is nearly every one: the path is read off it. */
const PLAIN_URL = /^https?:\/\/[^/?#]{4,}(\/[^?#]*)/;

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL. Without a host Bun's URL is the path alone, and
// with one that is none it may be what no URL is: only the path matters, since the guard refuses
// such a host.
export function toRoutable(request: Request): Routable {
  const [, plain] = PLAIN_URL.exec(request.url) ?? [];
  if (plain !== undefined) return { request, pathname: plain };
  const url = URL.parse(request.url) ?? toPathUrl(request.url);
  const own = new URL(`http://localhost${url.pathname}${url.search}`);
  return { request: new Request(own.href, request), pathname: own.pathname };
}

function toPathUrl(text: string): URL {
  const path = text.replace(/^\w+:\/\/[^/?#]*/, "");
  return URL.parse(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`) ?? EMPTY;
}

const EMPTY = new URL("http://localhost/");
