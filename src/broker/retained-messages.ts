// The retained message of every topic (MQTT 5 section 3.3.1.3). Bounded by count and bytes: what is
// there stays, what is new beyond the limit is passed on and not kept. What the broker and the
// bridge say of themselves is a handful of topics, and takes nobody's room.

import { FilterTree } from "../topics/filter-tree.ts";
import type { Publication } from "./publication.ts";
import { isSysTopic } from "./sys-topics.ts";

export type RetainedOptions = {
  readonly limits: { readonly retainedMessagesMax: number; readonly retainedBytesMax: number };
  readonly store: {
    putRetained(publication: Publication): void;
    deleteRetained(topic: string): void;
  };
  /** Where the bridge says whether it is there; nowhere when absent. */
  readonly ownStatusTopic?: string | undefined;
  /** Called for a message that a limit keeps out. */
  readonly onFull: (topic: string) => void;
};

export class RetainedMessages {
  readonly #options: RetainedOptions;
  readonly #messages = new Map<string, Publication>();
  /** The same topics, to be found by filter. */
  readonly #topics = new FilterTree<string>();
  #bytes = 0;
  /** Of these, what no limit counts. */
  readonly #free = { count: 0, bytes: 0 };

  constructor(options: RetainedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps a message, or with an empty payload removes that of its topic [MQTT-3.3.1-6]. False when
   * there is no room for it.
   */
  put(publication: Publication): boolean {
    const { topic, payload } = publication;
    const known = this.#messages.get(topic);
    if (payload.length === 0) {
      if (known) this.delete(topic);
      return true;
    }
    if (!this.#isFree(topic) && this.#isFullFor(publication, known)) {
      // Nothing is better than what is not true any more.
      if (known) this.delete(topic);
      this.#options.onFull(topic);
      return false;
    }
    this.#keep(publication);
    if (!isSysTopic(topic)) this.#options.store.putRetained(publication);
    return true;
  }

  delete(topic: string): void {
    const known = this.#messages.get(topic);
    if (!known) return;
    this.#messages.delete(topic);
    this.#topics.delete(topic);
    this.#count(topic, -1, -known.bytes);
    if (!isSysTopic(topic)) this.#options.store.deleteRetained(topic);
  }

  /** Takes back what the store had kept. */
  restore(publications: Iterable<Publication>): void {
    for (const publication of publications) this.#keep(publication);
  }

  /** The message of a topic, unless its time is over: then it is gone. */
  get(topic: string, nowMs = Date.now()): Publication | undefined {
    const publication = this.#messages.get(topic);
    if (!publication?.isExpired(nowMs)) return publication;
    this.delete(topic);
    return undefined;
  }

  /** The topics that a filter matches; those that begin with $ not by a wildcard [MQTT-4.7.2-1]. */
  find(filter: string): string[] {
    if (!/[+#]/.test(filter)) return this.#messages.has(filter) ? [filter] : [];
    const found: string[] = [];
    this.#topics.visit(filter.split("/"), (topic) => {
      found.push(topic);
      return false;
    });
    return found;
  }

  #isFree(topic: string): boolean {
    return isSysTopic(topic) || topic === this.#options.ownStatusTopic;
  }

  #isFullFor({ bytes }: Publication, known: Publication | undefined): boolean {
    const { retainedMessagesMax, retainedBytesMax } = this.#options.limits;
    const counted = this.#bytes - this.#free.bytes;
    if (counted + bytes - (known?.bytes ?? 0) > retainedBytesMax) return true;
    return !known && this.size - this.#free.count >= retainedMessagesMax;
  }

  #count(topic: string, messages: number, bytes: number): void {
    this.#bytes += bytes;
    if (!this.#isFree(topic)) return;
    this.#free.count += messages;
    this.#free.bytes += bytes;
  }

  #keep(publication: Publication): void {
    const { topic } = publication;
    const known = this.#messages.get(topic);
    this.#count(topic, known ? 0 : 1, publication.bytes - (known?.bytes ?? 0));
    publication.ownPayload();
    this.#messages.set(topic, publication);
    if (!known) this.#topics.set(topic, topic);
  }
}
