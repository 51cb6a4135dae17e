// A request as the routes can read it. Called by guard.ts, before anything else.

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL. Without a host, or with one that is none, Bun's
// URL is the path alone, which is no URL.
export function toRoutable(request: Request): Request {
  const url = URL.parse(request.url) ?? new URL(request.url, "http://localhost");
  const { protocol, host, pathname, search } = url;
  if (host.length > 3 && request.url.startsWith(protocol)) return request;
  return new Request(`http://localhost${pathname}${search}`, request);
}
