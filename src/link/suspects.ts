// Which message a broker does not want, when all that it says is DISCONNECT with a reason code that
// blames a packet of ours. It says not which: so what was on the way is sent again one at a time,
// and the one that is alone when the connection ends so again was it. Else it would come again
// with every connection, and end each. Called by outbox.ts. No I/O.

import type { OutboxEntry } from "./outbox-entry.ts";

/**
 * MQTT 5 section 3.14.2.1: malformed packet, protocol error, topic name invalid, packet too large,
 * payload format invalid, retain not supported, QoS not supported. The others say nothing of what
 * was sent.
 */
const BLAMING: ReadonlySet<number> = new Set([0x81, 0x82, 0x90, 0x95, 0x99, 0x9a, 0x9b]);

export class Suspects {
  #entries = new Set<OutboxEntry>();

  /** Whether messages must leave one at a time. */
  get isAny(): boolean {
    return this.#entries.size > 0;
  }

  /**
   * A connection has ended with what was not acknowledged on it, and with the code of the broker's
   * DISCONNECT. The message that was to blame, or undefined while nobody knows.
   */
  judge(sent: readonly OutboxEntry[], reasonCode: number): OutboxEntry | undefined {
    if (!BLAMING.has(reasonCode)) return undefined;
    const [alone] = sent;
    if (alone && sent.length === 1 && this.#entries.has(alone)) return alone;
    this.#entries = new Set(sent);
    return undefined;
  }

  /** Its fate is known. */
  clear(entry: OutboxEntry): void {
    this.#entries.delete(entry);
  }
}
