// The life of a bridge in somebody's own app: opened when it is first needed, closed with the app,
// and opened anew when the app listens again. Called by plugin.ts; never opens by itself what was
// closed.

import type { Logger } from "../lib/log.ts";
import type { LinkState } from "../link/state.ts";
import type { Bridge } from "./bridge.ts";

export type LazyBridge<B extends Bridge = Bridge> = {
  /** The bridge that runs, or did at last; the first call opens it. */
  readonly current: () => Promise<B>;
  /** The same start however often it is called; after a stop a new one, when that is over. */
  readonly start: () => Promise<B>;
  /** Finishes what runs and closes. Never rejects: what goes wrong is told in the log. */
  readonly stop: () => Promise<void>;
  /** Ends what would keep a server from stopping: the streams of the bridge that runs. */
  readonly endStreams: () => void;
  /** "closed" before the start and after the end. */
  readonly state: () => LinkState["kind"];
};

/** A bridge that `open` opens. */
export function createLazyBridge<B extends Bridge>(
  open: () => Promise<B>,
  log: Logger,
): LazyBridge<B> {
  let running: B | undefined;
  let opening: Promise<B> | undefined;
  let stopping: Promise<void> | undefined;
  const start = () => {
    if (opening && !stopping) return opening;
    // Its ports and its client id are free when the last one is closed.
    opening = Promise.resolve(stopping)
      .then(open)
      .then((bridge) => {
        running = bridge;
        return bridge;
      });
    stopping = undefined;
    return opening;
  };
  return {
    // A publish that comes late, from a timer for example, must not open again what was closed.
    current: () => opening ?? start(),
    start,
    stop() {
      stopping ??= close(opening, log);
      return stopping;
    },
    endStreams: () => running?.watching[Symbol.dispose](),
    state: () => running?.link.state.kind ?? "closed",
  };
}

async function close(opening: Promise<Bridge> | undefined, log: Logger): Promise<void> {
  // A start that failed has left nothing open, and has rejected whoever waited for it.
  const bridge = await opening?.catch(() => undefined);
  try {
    await bridge?.[Symbol.asyncDispose]();
  } catch (error) {
    log.problem("error", error);
  }
}
