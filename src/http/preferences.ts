// The header Prefer [RFC 7240] of a request: what would be nice. What is not understood in it is
// no error. Pure.

export type Preferences = {
  /** To be answered at once, and to fetch the rest later. */
  readonly isAsync: boolean;
  /** How long an answer is waited for. */
  readonly waitMs: number | undefined;
};

const ASYNC = /(^|,)\s*respond-async\s*(,|;|$)/i;
const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:,|;|$)/i;
const MS_PER_SECOND = 1_000;

export function readPreferences({ headers }: Request): Preferences {
  const text = headers.get("Prefer") ?? "";
  const seconds = Number(WAIT.exec(text)?.[1] ?? 0);
  return {
    isAsync: ASYNC.test(text),
    waitMs: seconds > 0 ? seconds * MS_PER_SECOND : undefined,
  };
}
