// The last message of every topic that the bridge has seen, in memory and bounded.

import type { Message } from "../topics/message.ts";

export type LastValues = {
  put(message: Message): void;
  get(topic: string): Message | undefined;
  /** Topics whose value is kept. */
  readonly size: number;
};

/** Keeps at most `topicsMax` values; the topic that was silent for longest is forgotten first. */
export function createLastValues(topicsMax: number): LastValues {
  // A Map keeps the order of insertion: what is put anew goes to the end.
  const values = new Map<string, Message>();
  return {
    put(message) {
      values.delete(message.topic);
      values.set(message.topic, message);
      if (values.size <= topicsMax) return;
      const [oldest] = values.keys();
      if (oldest !== undefined) values.delete(oldest);
    },
    get: (topic) => values.get(topic),
    get size() {
      return values.size;
    },
  };
}
