// How fast the embedded broker's counters grow, by two of its answers. Pure.

import type { BrokerJson } from "./broker-answers.ts";

/** Per second. */
export type Rates = Readonly<Record<"messagesIn" | "messagesOut" | "bytesIn" | "bytesOut", number>>;

const MS_PER_SECOND = 1_000;

/** Undefined where there is nothing to compare, as after a start of the bridge. */
export function toRates(before: BrokerJson, now: BrokerJson, elapsedMs: number): Rates | undefined {
  if (before.kind !== "embedded" || now.kind !== "embedded" || elapsedMs <= 0) return undefined;
  if (now.uptime_seconds < before.uptime_seconds) return undefined;
  const rate = (from: number, to: number) => ((to - from) * MS_PER_SECOND) / elapsedMs;
  return {
    messagesIn: rate(before.messages.in, now.messages.in),
    messagesOut: rate(before.messages.out, now.messages.out),
    bytesIn: rate(before.bytes.in, now.bytes.in),
    bytesOut: rate(before.bytes.out, now.bytes.out),
  };
}
