// What every answer tells a browser, so that nothing of ours is taken for something else. Called by
// guard.ts, for errors and empty answers as well; a route that needs more sets it itself.

/** Set whatever a route says. */
const ALWAYS = Object.entries({
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  // For browsers that do not know frame-ancestors.
  "X-Frame-Options": "DENY",
});

/** Set where a route says nothing: its answer is data, and no page. */
const USUALLY = Object.entries({
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
});

export function addSecurityHeaders(headers: Headers): void {
  for (const [name, value] of ALWAYS) headers.set(name, value);
  for (const [name, value] of USUALLY) {
    if (!headers.has(name)) headers.set(name, value);
  }
}
