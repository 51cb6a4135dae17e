// How much a counter grows per minute, on average over the last 1, 5 and 15 minutes, as operating
// systems count their load: what is longer ago weighs less and less. Pure, but for the counter.

export type Load = {
  readonly name: string;
  /** Takes the counter's growth since the last time into the averages. */
  update(nowMs: number): void;
  averages(): { readonly minutes: number; readonly value: number }[];
};

const MINUTES = [1, 5, 15];
const MINUTE_MS = 60_000;

export function createLoad(name: string, read: () => number, startedAtMs: number): Load {
  const values = MINUTES.map(() => 0);
  let last = read();
  let lastAtMs = startedAtMs;
  return {
    name,
    update(nowMs) {
      const elapsedMs = nowMs - lastAtMs;
      if (elapsedMs <= 0) return;
      const perMinute = ((read() - last) * MINUTE_MS) / elapsedMs;
      for (const [at, minutes] of MINUTES.entries()) {
        const kept = Math.exp(-elapsedMs / (minutes * MINUTE_MS));
        values[at] = perMinute + kept * ((values[at] ?? 0) - perMinute);
      }
      last = read();
      lastAtMs = nowMs;
    },
    averages: () => MINUTES.map((minutes, at) => ({ minutes, value: values[at] ?? 0 })),
  };
}
