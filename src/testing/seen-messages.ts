// The messages that the test kit's device has seen, and waiting for those that are to come.

import { ViadutoError } from "../lib/errors.ts";
import { overlaps } from "../topics/filter-relations.ts";
import type { Message } from "../topics/message.ts";

type Watcher = { readonly filter: string; readonly take: (message: Message) => void };

/** Topics that an error names. */
const TOPICS_NAMED = 10;

export class SeenMessages {
  readonly all: Message[] = [];
  /** Not expected yet, oldest first. */
  readonly #unread = new Set<Message>();
  readonly #watchers = new Set<Watcher>();

  add(message: Message): void {
    this.all.push(message);
    for (const watcher of this.#watchers) {
      if (!overlaps(watcher.filter, message.topic)) continue;
      this.#watchers.delete(watcher);
      return watcher.take(message);
    }
    this.#unread.add(message);
  }

  /** The next message on the filter, each given once. Rejects with `expectation_failed`. */
  async next(filter: string, withinMs: number, describe: () => string): Promise<Message> {
    for (const message of this.#unread) {
      if (!overlaps(filter, message.topic)) continue;
      this.#unread.delete(message);
      return message;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const watcher: Watcher = { filter, take: resolve };
    this.#watchers.add(watcher);
    const timer = setTimeout(() => {
      this.#watchers.delete(watcher);
      const seen = this.#nameTopics();
      reject(new ViadutoError("expectation_failed", { filter, withinMs, seen, state: describe() }));
    }, withinMs);
    return promise.finally(() => clearTimeout(timer));
  }

  #nameTopics(): string {
    const topics = [...new Set(this.all.map(({ topic }) => topic))];
    if (topics.length === 0) return "nothing";
    const more = topics.length > TOPICS_NAMED ? `, and ${topics.length - TOPICS_NAMED} more` : "";
    return `${topics.slice(0, TOPICS_NAMED).join(", ")}${more}`;
  }
}
