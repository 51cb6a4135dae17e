// Packet identifiers of what we send: 1 to 65,535, each used by one unacknowledged packet at a time
// [MQTT-2.2.1-3]. Shared by publishes (outbox) and subscriptions (mqtt.js, as its provider).

const IDENTIFIER_MAX = 65_535;

export class PacketIdentifiers {
  readonly #used = new Set<number>();
  #last = 0;

  /** A free identifier. There always is one: the send window is far below 65,535. */
  allocate(): number {
    do {
      this.#last = (this.#last % IDENTIFIER_MAX) + 1;
    } while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  getLastAllocated(): number {
    return this.#last;
  }

  /** mqtt.js asks before it sends a stored packet again; it stores none. */
  register(): boolean {
    return false;
  }

  deallocate(identifier: number): void {
    this.#used.delete(identifier);
  }

  /** mqtt.js calls this at each CONNACK; the outbox's identifiers outlive the connection. */
  clear(): void {}
}
