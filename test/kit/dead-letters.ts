// Dead letters for tests: a store in a folder of its own, and letters to put into it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../src/lib/log.ts";
import {
  type DeadLetters,
  type DeadLettersOptions,
  type NewDeadLetter,
  openDeadLetters,
} from "../../src/store/dead-letters.ts";
import type { Message } from "../../src/topics/message.ts";
import { createLogLines, type LogLines } from "./log-lines.ts";

export type Folder = AsyncDisposable & { readonly path: string };

/** A folder that is gone when the test is over. */
export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "viaduto-dead-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

type Options = Partial<Omit<DeadLettersOptions, "log">>;

/** A store with generous limits, and its log; in memory unless it is given a folder. */
export function openStore(options: Options = {}): {
  readonly store: DeadLetters;
  readonly log: LogLines;
} & AsyncDisposable {
  const log = createLogLines();
  const { writer } = log;
  const store = openDeadLetters({
    folder: ":memory:",
    lettersMax: 1_000_000,
    bytesMax: 1 << 30,
    ageMsMax: 3_600_000,
    log: createLogger({ name: "Store", level: "info", format: "text", colour: false, writer }),
    ...options,
  });
  return { store, log, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** A letter of a handler that failed; `message` is over a message of QoS 1. */
export function makeLetter(
  letter: Partial<Omit<NewDeadLetter, "message">> = {},
  message: Partial<Message> = {},
): NewDeadLetter {
  return {
    handler: "devices-update",
    code: "handler_failed",
    reason: "no such table",
    attempts: 3,
    ...letter,
    message: {
      topic: "devices/update",
      payload: Buffer.from('{"device_id":"sensor-1"}'),
      qos: 1,
      retain: false,
      duplicate: false,
      receivedAtMs: 1_700_000_000_000,
      ...message,
    },
  };
}
