// What the page keeps in this browser: choices, and what the reader saved. A browser may refuse to
// keep anything; then the page works all the same, and forgets.

const PREFIX = "viaduto.";

export function readKept(key: string): string | undefined {
  try {
    return globalThis.localStorage?.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined; // The browser keeps nothing.
  }
}

/** Keeps the text; undefined forgets it. Gives whether the browser took it. */
export function keepText(key: string, text: string | undefined): boolean {
  try {
    if (text === undefined) globalThis.localStorage.removeItem(PREFIX + key);
    else globalThis.localStorage.setItem(PREFIX + key, text);
    return true;
  } catch {
    return false; // It keeps nothing, or is full.
  }
}
