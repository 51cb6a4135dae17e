// What is remembered of messages until the broker brings them: nothing in a message says whose it
// was, so it is recognised by topic and payload. That works on every broker and version. Used for
// the bridge's own publishes and for those of the embedded broker's clients.

import type { OutgoingMessage } from "../topics/message.ts";

type Sent = Pick<OutgoingMessage, "topic" | "payload">;
type Remembered<Value> = { readonly value: Value; readonly atMs: number };

/** Messages remembered at once; and for how long, since a broker may never bring them. */
const REMEMBERED_MAX = 10_000;
const REMEMBERED_MS = 60_000;
/** Equal ones, each on its own way. */
const EQUAL_MAX = 1_000;

export class OnTheWay<Value> {
  /** The keys in order of their latest message; several equal messages may be on the way. */
  readonly #onTheWay = new Map<string, Remembered<Value>[]>();

  /** Remembers a message. */
  add(message: Sent, value: Value): void {
    const key = toKey(message);
    const atMs = performance.now();
    const remembered = this.#onTheWay.get(key) ?? [];
    if (remembered.length >= EQUAL_MAX) remembered.shift();
    remembered.push({ value, atMs });
    this.#onTheWay.delete(key);
    this.#onTheWay.set(key, remembered);
    this.#forget(atMs);
  }

  /** What was remembered of a message that came in; undefined when nothing was. */
  take(message: Sent): Value | undefined {
    if (this.#onTheWay.size === 0) return undefined;
    return this.#remove(toKey(message), "shift");
  }

  /** The latest equal message has failed: it will not come. */
  forget(message: Sent): void {
    this.#remove(toKey(message), "pop");
  }

  #remove(key: string, end: "shift" | "pop"): Value | undefined {
    const remembered = this.#onTheWay.get(key);
    const one = remembered?.[end]();
    if (remembered?.length === 0) this.#onTheWay.delete(key);
    if (!one || performance.now() - one.atMs > REMEMBERED_MS) return undefined;
    return one.value;
  }

  #forget(nowMs: number): void {
    for (const [key, remembered] of this.#onTheWay) {
      const age = nowMs - (remembered.at(-1)?.atMs ?? 0);
      if (age < REMEMBERED_MS && this.#onTheWay.size <= REMEMBERED_MAX) return;
      this.#onTheWay.delete(key);
    }
  }
}

// No topic has a NUL [MQTT-4.7.3-2].
function toKey({ topic, payload }: Sent): string {
  return `${topic}\0${Bun.hash(payload)}`;
}
