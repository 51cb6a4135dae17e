// What the bridge sees: every message that passes, once, for whoever wants to know of it: the last
// values, the history, the streams. Filled by the embedded broker, or with an external one by what
// the link receives and publishes. It keeps nothing, and never makes a message wait.

import type { OutgoingMessage } from "../topics/message.ts";

/** A message that has passed. Its payload is a part of what came: whoever keeps it copies it. */
export type ObservedMessage = OutgoingMessage & {
  /**
   * Microseconds since 1970, so that ids are in order and say when; no two messages have the same,
   * also over a restart.
   */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
};

/** Called for each message, and must return at once; it must not throw. */
export type Observer = (message: ObservedMessage) => void;

export type Observation = {
  /** The topic is without the origin. */
  readonly note: (topic: string, message: Omit<OutgoingMessage, "topic">) => void;
  /** An id that is not below any message's so far, and below all that follow. */
  readonly mark: () => number;
  /** Calls it for each message from now on, until it is disposed. */
  readonly add: (observer: Observer) => Disposable;
};

const MICROSECONDS_PER_MS = 1000;

/** The lowest id that a message of this time, in milliseconds since 1970, can have. */
export function toFirstId(atMs: number): number {
  return Math.floor(atMs) * MICROSECONDS_PER_MS;
}

/** The time, in milliseconds since 1970, that an id says. */
export function toTimeMs(id: number): number {
  return Math.floor(id / MICROSECONDS_PER_MS);
}

export function createObservation(): Observation {
  let observers: readonly Observer[] = [];
  let lastId = 0;
  return {
    note(topic, { payload, qos, retain, properties }) {
      const receivedAtMs = Date.now();
      // Also when a thousand messages share a millisecond, or the clock is set back.
      lastId = Math.max(lastId + 1, toFirstId(receivedAtMs));
      const message = { id: lastId, receivedAtMs, topic, payload, qos, retain };
      const observed = properties ? { ...message, properties } : message;
      for (const observe of observers) observe(observed);
    },
    mark() {
      lastId = Math.max(lastId, toFirstId(Date.now()) - 1);
      return lastId;
    },
    add(observer) {
      observers = [...observers, observer];
      return {
        [Symbol.dispose]() {
          observers = observers.filter((other) => other !== observer);
        },
      };
    },
  };
}
