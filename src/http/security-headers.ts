// What every answer tells a browser, so that nothing of ours is taken for something else. Called by
// guard.ts, for errors and empty answers as well; a route that needs more sets it itself.

/** Set whatever a route says. */
const ALWAYS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  // For browsers that do not know frame-ancestors.
  "X-Frame-Options": "DENY",
} as const;

/** Set where a route says nothing: its answer is data, and no page. */
const USUALLY = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
} as const;

export function addSecurityHeaders(headers: Headers): void {
  for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value);
  for (const [name, value] of Object.entries(USUALLY)) {
    if (!headers.has(name)) headers.set(name, value);
  }
}
