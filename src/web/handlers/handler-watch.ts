// Asks every two seconds how the handlers fare, and for the newest dead letters, while the page is
// seen.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../live/api.ts";
import type { HandlersJson, LettersJson } from "../live/handler-answers.ts";
import { repeatWhileSeen } from "../live/repeat-while-seen.ts";

export type HandlerWatch = {
  /** Undefined until the bridge has answered. */
  readonly handlers: ReadonlySignal<HandlersJson | undefined>;
  readonly letters: ReadonlySignal<LettersJson | undefined>;
  readonly failure: ReadonlySignal<unknown>;
  /** Asks now. Never rejects. */
  readonly refresh: () => Promise<void>;
  /** Follows until it is ended. */
  readonly follow: () => () => void;
};

const EVERY_MS = 2_000;
const LETTERS_SHOWN_MAX = 50;

export function createHandlerWatch(api: Api): HandlerWatch {
  const handlers = signal<HandlersJson | undefined>(undefined);
  const letters = signal<LettersJson | undefined>(undefined);
  const failure = signal<unknown>(undefined);
  const ask = async (init: RequestInit = {}) => {
    try {
      const [someHandlers, someLetters] = await Promise.all([
        api.ask<HandlersJson>("handlers", init),
        api.ask<LettersJson>(`dead-letters?limit=${LETTERS_SHOWN_MAX}`, init),
      ]);
      handlers.value = someHandlers;
      letters.value = someLetters;
      failure.value = undefined;
    } catch (error) {
      if (!init.signal?.aborted) failure.value = error;
    }
  };
  const follow = () =>
    repeatWhileSeen(async (signal) => {
      await ask({ signal });
      return EVERY_MS;
    });
  return { handlers, letters, failure, refresh: () => ask(), follow };
}
