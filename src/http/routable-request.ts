// A request as the routes can read it. Called by guard.ts, before anything else.

/** The URL is that of the request, read once. */
export type Routable = { readonly request: Request; readonly url: URL };

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL. Without a host Bun's URL is the path alone, and
// with one that is none it may be what no URL is: only the path matters, since the guard refuses
// such a host.
export function toRoutable(request: Request): Routable {
  const url = URL.parse(request.url) ?? toPathUrl(request.url);
  const { protocol, host, pathname, search } = url;
  if (host.length > 3 && request.url.startsWith(protocol)) return { request, url };
  const own = new URL(`http://localhost${pathname}${search}`);
  return { request: new Request(own.href, request), url: own };
}

function toPathUrl(text: string): URL {
  const path = text.replace(/^\w+:\/\/[^/?#]*/, "");
  return URL.parse(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`) ?? EMPTY;
}

const EMPTY = new URL("http://localhost/");
