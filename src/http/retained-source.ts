// Where the routes of retained messages have them from, at whatever broker: made by the app, used
// by the routes. Types only.

import type { RetainedMessage } from "../topics/retained-message.ts";

/** Whether it is all that there is. */
export type Completeness =
  /** It is. */
  | "complete"
  /** Nothing more came for a while; MQTT has no word for the end. */
  | "likely"
  /** A limit was reached: there is more. */
  | "cut";

export type FoundRetained = {
  /** In the order of their names, without the origin. */
  readonly topics: readonly string[];
  /** Undefined when it is gone meanwhile. */
  get(topic: string): RetainedMessage | undefined;
  readonly completeness: Completeness;
  /** Why it may not be complete. */
  readonly reason?: string;
};

export type RetainedSource = {
  /**
   * Those that a filter matches. Rejects with `retained_unreadable`, `retained_busy`,
   * `subscribe_refused`.
   */
  find(filter: string): Promise<FoundRetained>;
  /** Which of these topics have a retained message now. Rejects as `find` does. */
  findTaken(topics: readonly string[]): Promise<ReadonlySet<string>>;
  /** Where the bridge says that it is online; undefined when it says nothing. */
  readonly ownStatusTopic: string | undefined;
};
