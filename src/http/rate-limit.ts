// How many requests one caller may send: a bucket of tickets for each, with a second's worth in it,
// that fills while time passes. Called by guard.ts; it knows callers by a key alone.

export type RateLimit = {
  /** Takes a ticket, if there is one. */
  take(key: string): Taken;
};

export type Taken = {
  readonly isGranted: boolean;
  /** What the caller is told: draft-ietf-httpapi-ratelimit-headers-10. */
  readonly headers: Readonly<Record<string, string>>;
};

type Bucket = { tickets: number; readAtMs: number };

/** Callers that are remembered; beyond it the one who was not seen for longest starts anew. */
const CALLERS_MAX = 10_000;

/** `perSecondMax` requests of each key in a second; undefined where that is 0: any. */
export function createRateLimit(perSecondMax: number, now: () => number): RateLimit | undefined {
  if (perSecondMax === 0) return undefined;
  const buckets = new Map<string, Bucket>();
  const policy = `"requests";q=${perSecondMax};w=1`;
  return {
    take(key) {
      const { tickets: before, readAtMs } = buckets.get(key) ?? {
        tickets: perSecondMax,
        readAtMs: now(),
      };
      const at = now();
      const filled = before + (Math.max(0, at - readAtMs) / 1_000) * perSecondMax;
      const tickets = Math.min(perSecondMax, filled);
      const isGranted = tickets >= 1;
      buckets.delete(key); // Set again at the end, since a Map keeps the order.
      buckets.set(key, { tickets: isGranted ? tickets - 1 : tickets, readAtMs: at });
      const [oldest] = buckets.keys();
      if (buckets.size > CALLERS_MAX && oldest !== undefined) buckets.delete(oldest);
      const left = `"requests";r=${isGranted ? Math.floor(tickets - 1) : 0};t=1`;
      return { isGranted, headers: { "RateLimit-Policy": policy, RateLimit: left } };
    },
  };
}
