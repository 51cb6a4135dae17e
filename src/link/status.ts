// The link's state as others see it: now, and each change.

import type { ViadutoError } from "../lib/errors.ts";
import { type LinkEvent, type LinkState, nextState } from "./state.ts";

export type LinkFailure = { readonly error: ViadutoError; readonly atMs: number };

export class Status {
  /** How many connections were opened. */
  connections = 0;
  /** When its kind became what it is, in ms since 1970. */
  sinceMs = Date.now();
  /** Why the last connection, or the last try, ended. */
  lastFailure: LinkFailure | undefined;
  #state: LinkState;
  #changed = Promise.withResolvers<void>();

  constructor(state: LinkState) {
    this.#state = state;
  }

  get now(): LinkState {
    return this.#state;
  }

  become(event: LinkEvent): void {
    const next = nextState(this.#state, event);
    if (next === this.#state) return;
    if (event.kind === "opened") this.connections += 1;
    if (next.kind !== this.#state.kind) this.sinceMs = Date.now();
    if (event.kind === "failed") this.lastFailure = { error: event.error, atMs: Date.now() };
    this.#state = next;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** The state now, then each later one, up to "closed"; a slow reader sees the latest only. */
  async *watch(): AsyncGenerator<LinkState> {
    for (;;) {
      const { promise } = this.#changed;
      yield this.#state;
      if (this.#state.kind === "closed") return;
      await promise;
    }
  }
}
