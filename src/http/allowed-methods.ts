// Which methods a path has, for who asks with another. Called by routes.ts. Pure.

export type RouteName = { readonly method: string; readonly path: string };

/** In the order of the routes, each once; empty where no route has the path. */
export function findMethods(routes: readonly RouteName[], pathname: string): readonly string[] {
  const wanted = toSegments(pathname);
  const methods = routes
    .filter(({ path }) => isMatch(toSegments(path), wanted))
    // Elysia answers HEAD with what GET does.
    .flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...new Set(methods)];
}

// A slash at the end makes no difference to Elysia.
function toSegments(path: string): readonly string[] {
  return path.replace(/(?<=.)\/$/, "").split("/");
}

function isMatch(pattern: readonly string[], segments: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === "*";
  if (isOpen ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every((one, at) => one === "*" || one.startsWith(":") || one === segments[at]);
}
