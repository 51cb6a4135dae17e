// Which MQTT version to speak with which broker. Some refuse MQTT 5 with a code of their own
// version, some just hang up; but a broker that is only starting hangs up as well.

import type { ErrorCode } from "../lib/errors.ts";
import type { MqttVersion } from "./state.ts";
import type { Target } from "./target.ts";

/** Whether an attempt with MQTT 5 that ended so, before CONNACK, is worth one with 3.1.1. */
export function suggestsOlderVersion(code: ErrorCode): boolean {
  return code === "version_refused" || code === "broker_hung_up";
}

export class Versions {
  readonly #wanted: MqttVersion;
  /** Brokers that said that they do not speak MQTT 5. */
  readonly #refused = new Set<Target>();
  /** Brokers that hung up at MQTT 5 the last time. */
  readonly #doubtful = new Set<Target>();

  constructor(wanted: MqttVersion) {
    this.#wanted = wanted;
  }

  /** The version for the next attempt. */
  get(target: Target): MqttVersion {
    const isOlder = this.#refused.has(target) || this.#doubtful.has(target);
    return this.#wanted === 5 && isOlder ? 4 : this.#wanted;
  }

  /**
   * An attempt has failed, or a connection has ended: a doubt lasts for one attempt. True when the
   * broker has said that it speaks only an older version, which is tried next.
   */
  ended(target: Target, code: ErrorCode, wasOpen: boolean): boolean {
    const wasDoubtful = this.#doubtful.delete(target);
    if (wasOpen || wasDoubtful) return false;
    const isRefused = code === "version_refused" && !this.#refused.has(target);
    if (isRefused) this.#refused.add(target);
    else if (suggestsOlderVersion(code)) this.#doubtful.add(target);
    return isRefused && this.#wanted === 5;
  }
}
