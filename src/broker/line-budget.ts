// Lines of a log that strangers can cause, kept few: the first of a cause are written, the others
// are counted. Used by event-log.ts, which must not put a stranger's words into a cause.

import type { Logger } from "../lib/log.ts";

type Level = "info" | "warn";

export type LineBudget = AsyncDisposable & {
  /** `host` is where it came from; a line is built only when it is written. */
  tell(level: Level, cause: string, host: string, line: () => string, linesMax?: number): void;
};

export type LineBudgetOptions = {
  readonly log: Pick<Logger, Level>;
  /** After which what was left out is told as a number; a minute when absent. */
  readonly whileMs?: number;
};

/** Lines of one cause from one host, and from all hosts, in a while. */
const HOST_LINES_MAX = 5;
const LINES_MAX = 50;
/** Hosts of one cause that are told apart. */
const HOSTS_MAX = 1_000;
const HOSTS_SHOWN = 3;
const WHILE_MS = 60_000;

type Host = {
  readonly linesMax: number;
  /** In this while. */
  count: number;
  leftOut: number;
  /** It went on and on in the last while: only the number is of interest now. */
  isNoisy: boolean;
};
type Cause = { level: Level; lineCount: number; readonly hosts: Map<string, Host> };

export function createLineBudget({ log, whileMs = WHILE_MS }: LineBudgetOptions): LineBudget {
  const causes = new Map<string, Cause>();
  const summarise = () => {
    for (const [name, cause] of causes) {
      const summary = toSummary(name, cause.hosts);
      if (summary !== undefined) log[cause.level](summary);
      if (!beginAnew(cause)) causes.delete(name);
    }
  };
  const timer = setInterval(summarise, whileMs);
  timer.unref();
  return {
    tell(level, name, host, line, linesMax = HOST_LINES_MAX) {
      const cause = causes.getOrInsertComputed(name, () => {
        return { level, lineCount: 0, hosts: new Map() };
      });
      const one = findHost(cause, host, linesMax);
      one.count += 1;
      const isWritten = !one.isNoisy && one.count <= linesMax && cause.lineCount < LINES_MAX;
      if (!isWritten) {
        one.leftOut += 1;
        return;
      }
      cause.lineCount += 1;
      const isLast = one.count === linesMax || cause.lineCount === LINES_MAX;
      log[level](isLast ? `${line()}; more of this is counted from here on` : line());
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      summarise();
      causes.clear();
    },
  };
}

function findHost({ hosts }: Cause, name: string, linesMax: number): Host {
  const known = hosts.size < HOSTS_MAX || hosts.has(name) ? name : "others";
  return hosts.getOrInsertComputed(known, () => {
    return { linesMax, count: 0, leftOut: 0, isNoisy: false };
  });
}

/** `995 times more: …, from 10.0.0.7 (990) and 2 others`; undefined when nothing was left out. */
function toSummary(cause: string, hosts: ReadonlyMap<string, Host>): string | undefined {
  const loudest = [...hosts].filter(([, { leftOut }]) => leftOut > 0);
  loudest.sort(([, one], [, other]) => other.leftOut - one.leftOut);
  const total = loudest.reduce((sum, [, { leftOut }]) => sum + leftOut, 0);
  if (total === 0) return undefined;
  const shown = loudest.slice(0, HOSTS_SHOWN).map(([host, { leftOut }]) => `${host} (${leftOut})`);
  const more = loudest.length - shown.length;
  const others = more > 0 ? `, and ${more} more addresses` : "";
  const times = total === 1 ? "once" : `${total} times`;
  return `${times} more: ${cause}; from ${shown.join(", ")}${others}`;
}

/** False when there is nothing to remember. */
function beginAnew(cause: Cause): boolean {
  cause.lineCount = 0;
  for (const [name, host] of cause.hosts) {
    if (host.count <= host.linesMax) cause.hosts.delete(name);
    else Object.assign(host, { count: 0, leftOut: 0, isNoisy: true });
  }
  return cause.hosts.size > 0;
}
