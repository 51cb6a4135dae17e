// The JSON of GET /handlers and /dead-letters: types alone. A test holds that what the routes send
// fits them.

export type LastFailureJson = {
  readonly at: string;
  readonly topic: string;
  readonly code: string;
  readonly detail: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly flow?: number;
};

export type HandlerJson = {
  readonly name: string;
  /** Absent for those that are built in. */
  readonly file?: string;
  /** Its pattern, as `rooms/{id}`. */
  readonly topic: string;
  /** The pattern as MQTT has it. */
  readonly filter: string;
  readonly running: number;
  readonly waiting: number;
  readonly received: number;
  readonly handled: number;
  readonly failed: number;
  readonly retried: number;
  readonly dead_letters: number;
  /** Messages per second. */
  readonly rate: number;
  readonly p50_ms?: number;
  readonly p99_ms?: number;
  /** The longest time for which it held up all others. */
  readonly stalled_ms: number;
  readonly last_failure?: LastFailureJson;
};

/** A file that could not be loaded. */
export type LoadFailureJson = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly line_text?: string;
  readonly detail: string;
  readonly hint: string;
};

export type HandlersJson = {
  readonly handlers: readonly HandlerJson[];
  readonly failures: readonly LoadFailureJson[];
};

/** A message that could not be handled. */
export type LetterJson = {
  readonly id: number;
  readonly at: string;
  readonly handler: string;
  readonly topic: string;
  readonly received_at: string;
  readonly code: string;
  readonly reason: string;
  /** To the wrong field of the payload, as a JSON pointer. */
  readonly path?: string;
  readonly attempts: number;
  readonly redrives: number;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  readonly payload_bytes: number;
  readonly payload_cut?: true;
  /** Only of a letter that was asked for alone. */
  readonly stack?: string;
};

export type LettersJson = {
  readonly dead_letters: readonly LetterJson[];
  readonly total: number;
};
