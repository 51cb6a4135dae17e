// Messages as the bridge observes them, and a history to record them.

import { createLogger } from "../../src/lib/log.ts";
import { type History, openHistory } from "../../src/store/history.ts";
import type { ObservedMessage } from "../../src/store/observation.ts";
import { createLogLines, type LogLines } from "./log-lines.ts";

export type TestHistory = AsyncDisposable & { readonly history: History; readonly log: LogLines };

export type TestHistoryOptions = {
  readonly folder?: string;
  readonly bytesMax?: number;
  readonly ageMsMax?: number;
  readonly perTopicMax?: number;
  readonly payloadBytesMax?: number;
};

/** A history in memory unless a folder is named, with wide limits unless one is given. */
export function openTestHistory(options: TestHistoryOptions = {}): TestHistory {
  const log = createLogLines();
  const { writer } = log;
  const history = openHistory({
    folder: ":memory:",
    bytesMax: 64 << 20,
    ageMsMax: Number.MAX_SAFE_INTEGER,
    perTopicMax: 1_000_000,
    payloadBytesMax: 1_000,
    perSecondMax: 1_000_000,
    ...options,
    log: createLogger({ name: "History", level: "debug", format: "text", colour: false, writer }),
  });
  return { history, log, [Symbol.asyncDispose]: () => history[Symbol.asyncDispose]() };
}

/** A message with that id; its payload is the id unless another is given. */
export function toObserved(
  topic: string,
  id: number,
  more: Partial<ObservedMessage> = {},
): ObservedMessage {
  const payload = Buffer.from(String(id));
  return {
    id,
    receivedAtMs: Math.floor(id / 1000),
    topic,
    payload,
    qos: 0,
    retain: false,
    ...more,
  };
}
