// Does something again and again while the page is seen: polling, for pages whose route is no
// stream. A hidden page asks for nothing.

import { pause } from "./pause.ts";

/** One turn; it resolves with the pause before the next, in ms, and never rejects. */
export type Turn = (signal: AbortSignal) => Promise<number>;

/** Begins at once. What it returns ends it, and aborts what is under way. */
export function repeatWhileSeen(turn: Turn): () => void {
  let seen = new AbortController();
  const follow = () => {
    seen.abort();
    seen = new AbortController();
    if (document.visibilityState === "visible") repeat(turn, seen.signal);
  };
  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    seen.abort();
    document.removeEventListener("visibilitychange", follow);
  };
}

async function repeat(turn: Turn, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await pause(await turn(signal), signal);
}
