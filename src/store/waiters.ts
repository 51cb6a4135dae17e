// Who waits for the next message of a topic. Called by HTTP's long poll. It keeps no message: when
// one has come, it is the last value.

import { ViadutoError } from "../lib/errors.ts";
import type { Observation } from "./observation.ts";

export type Waiters = {
  /**
   * Resolves with true when a message of the topic has passed, and with false when the signal is
   * aborted before. Rejects with `waiters_full`.
   */
  readonly wait: (topic: string, signal: AbortSignal) => Promise<boolean>;
  /** How many wait. */
  readonly size: number;
};

type Waiter = (hasCome: boolean) => void;

/** No observer is added while nobody waits. */
export function createWaiters(observation: Observation, waitersMax: number): Waiters {
  const byTopic = new Map<string, Set<Waiter>>();
  let observing: Disposable | undefined;
  let size = 0;

  function add(topic: string, waiter: Waiter): void {
    byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(waiter));
    size += 1;
    observing ??= observation.add((message) => {
      for (const one of byTopic.get(message.topic) ?? []) one(true);
    });
  }
  function remove(topic: string, waiter: Waiter): void {
    const waiters = byTopic.get(topic);
    if (!waiters?.delete(waiter)) return;
    if (waiters.size === 0) byTopic.delete(topic);
    size -= 1;
    if (size > 0) return;
    observing?.[Symbol.dispose]();
    observing = undefined;
  }
  return {
    async wait(topic, signal) {
      if (size >= waitersMax) throw new ViadutoError("waiters_full", { count: waitersMax });
      if (signal.aborted) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const end = () => resolve(false);
      signal.addEventListener("abort", end);
      add(topic, resolve);
      return promise.finally(() => {
        signal.removeEventListener("abort", end);
        remove(topic, resolve);
      });
    },
    get size() {
      return size;
    },
  };
}
