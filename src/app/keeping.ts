// What the bridge keeps beside messages: what could not be handled, and what was answered to
// requests that may come again. Opened by bridge.ts.

import type { Settings } from "../config/read.ts";
import type { Logger } from "../lib/log.ts";
import { type DeadLetters, openDeadLetters } from "../store/dead-letters.ts";
import { type Idempotency, openIdempotency } from "../store/idempotency.ts";

export type Keeping = AsyncDisposable & {
  readonly deadLetters: DeadLetters;
  readonly idempotency: Idempotency;
};

const HOUR_MS = 3_600_000;

/** Throws `store_unusable`. */
export function openKeeping(settings: Settings, log: Logger): Keeping {
  const { data: folder } = settings;
  const deadLetters = openDeadLetters({
    folder,
    lettersMax: settings.deadLettersMax,
    bytesMax: settings.deadLetterBytesMax,
    ageMsMax: settings.deadLetterHoursMax * HOUR_MS,
    log,
  });
  const idempotency = openIdempotency({
    folder,
    keysMax: settings.idempotencyKeysMax,
    bytesMax: settings.idempotencyBytesMax,
    ageMsMax: settings.idempotencyHoursMax * HOUR_MS,
  });
  return {
    deadLetters,
    idempotency,
    async [Symbol.asyncDispose]() {
      await idempotency[Symbol.asyncDispose]();
      await deadLetters[Symbol.asyncDispose]();
    },
  };
}
