// What the link says in the log when a connection fails or ends: each cause once in full, and a
// likely cause for what no broker names. Called by link.ts; it decides nothing.

import type { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";

const SHORT_LIVES_TOLD = 3;

export class FailureReport {
  readonly #log: Logger;
  readonly #clientId: string;
  /** Connections in a row that ended soon after they were open. */
  #shortLives = 0;
  /** The failure told last, so that one which repeats is told once. */
  #reported: string | undefined;

  constructor(log: Logger, clientId: string) {
    this.#log = log;
    this.#clientId = clientId;
  }

  /** A connection has ended. Some brokers take a session away without a word. */
  ended(wasShort: boolean): void {
    this.#shortLives = wasShort ? this.#shortLives + 1 : 0;
    if (this.#shortLives !== SHORT_LIVES_TOLD) return;
    this.#log.warn(
      `${SHORT_LIVES_TOLD} connections in a row ended at once: does another client use the id ` +
        `'${this.#clientId}'? Give each its own with --client-id`,
    );
  }

  /** The broker does not speak MQTT 5, which is no fault. */
  foundOlder(broker: string): void {
    this.#log.info(`${broker} does not speak MQTT 5: going on with 3.1.1`);
  }

  /** The first time and at each new cause in full; what only repeats is for the debug level. */
  failed(error: ViadutoError, retryInMs: number, failures: number): void {
    const isNew = failures === 1 || this.#reported !== error.message;
    this.#reported = error.message;
    if (isNew) this.#log.problem("warn", error);
    const wait = `trying again in ${(retryInMs / 1000).toFixed(1)} s`;
    if (isNew) this.#log.info(`${wait}, and so on until it works`);
    else this.#log.debug(`${wait} (attempt ${failures})`);
  }
}
