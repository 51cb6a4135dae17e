// Holds the dead letters within their limits: the oldest go, and the log hears of it now and then.
// Used by dead-letters alone.

import type { Database } from "bun:sqlite";
import type { Logger } from "../lib/log.ts";

export type DeadLetterLimits = {
  readonly lettersMax: number;
  /** Of all payloads together. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
};

/** Most letters that go in one transaction. More than come in one, so that it is held up to. */
const TRIM_MAX = 1_000;
/** Letters that become too old while none comes are looked for this often. */
const AGE_CHECK_MS_MAX = 600_000;
/** After a line about letters that went, the next is at the end of this time, with their sum. */
const REPORT_MS = 60_000;

type Totals = { readonly letters: number; readonly bytes: number };
type Oldest = { readonly id: number; readonly at_ms: number; readonly payload_bytes: number };

/** How many letters there are, and the bytes of their payloads; it takes one look at one row. */
export function readTotals(db: Database): Totals {
  return (
    db.query<Totals, []>("SELECT letters, bytes FROM totals").get() ?? { letters: 0, bytes: 0 }
  );
}

/**
 * Removes the oldest letters until the others are within the limits, or `TRIM_MAX` went; returns
 * how many. The newest stays, however large: what was just put is there.
 */
export function trim(db: Database, limits: DeadLetterLimits, nowMs: number): number {
  let { letters, bytes } = readTotals(db);
  const next = db.query<Oldest, [number]>(
    "SELECT id, at_ms, payload_bytes FROM dead_letters WHERE id > ? ORDER BY id LIMIT 1",
  );
  let [lastId, count] = [0, 0];
  while (count < TRIM_MAX) {
    const oldest = next.get(lastId);
    if (!oldest) break;
    const isOver = letters > 1 && (letters > limits.lettersMax || bytes > limits.bytesMax);
    if (!isOver && oldest.at_ms >= nowMs - limits.ageMsMax) break;
    letters -= 1;
    bytes -= oldest.payload_bytes;
    lastId = oldest.id;
    count += 1;
  }
  if (count > 0) db.query("DELETE FROM dead_letters WHERE id <= ?").run(lastId);
  return count;
}

export type Trimming = Disposable & {
  /** To be told of letters that went while others were put. */
  add(count: number): void;
  /** How many went since the start. */
  readonly dropped: number;
};

/**
 * Calls `trimOnce` soon, since the limits may be lower than last time, and then regularly: letters
 * grow old also while none comes. The log hears of the first that go at once, and of more once a
 * minute.
 */
export function startTrimming(
  trimOnce: () => number,
  { ageMsMax }: DeadLetterLimits,
  log: Logger,
): Trimming {
  let dropped = 0;
  let next: NodeJS.Immediate | undefined;
  const report = createReport(log);
  const add = (count: number) => {
    dropped += count;
    report.add(count);
  };
  const run = () => {
    const count = tryTrim(trimOnce, log);
    add(count);
    // The loop has other things to do before the rest goes.
    if (count === TRIM_MAX) next = setImmediate(run);
  };
  next = setImmediate(run);
  const timer = setInterval(run, Math.min(ageMsMax, AGE_CHECK_MS_MAX)).unref();
  return {
    add,
    get dropped() {
      return dropped;
    },
    [Symbol.dispose]() {
      clearImmediate(next);
      clearInterval(timer);
      report[Symbol.dispose]();
    },
  };
}

function tryTrim(trimOnce: () => number, log: Logger): number {
  try {
    return trimOnce();
  } catch (error) {
    log.problem("warn", error); // Nobody waits for it, and the next time may be better.
    return 0;
  }
}

function createReport(log: Logger) {
  let untold = 0;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    if (untold === 0) return;
    log.warn(`${untold} of the dead letters went: they were too many, or too old`, {
      dropped: untold,
    });
    untold = 0;
    timer = setTimeout(tell, REPORT_MS).unref();
  }
  return {
    add(count: number): void {
      untold += count;
      if (!timer) tell();
    },
    [Symbol.dispose](): void {
      clearTimeout(timer);
      tell();
      clearTimeout(timer);
    },
  };
}
