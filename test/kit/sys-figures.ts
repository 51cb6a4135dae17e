// What the broker tells below $SYS, as a client reads it.

import { receivedUntilNow, subscribe } from "./messages.ts";
import type { RawClient } from "./raw-client.ts";

/** Looked at once a second: the shortest interval. */
export const OFTEN = { sysIntervalSeconds: 1 } as const;
/** Published once, at the start: a test has the time to look. */
export const ONCE = { sysIntervalSeconds: 3_600 } as const;

const BELOW = "$SYS/broker/";

export type Figures = ReadonlyMap<string, string>;

/** Subscribes, and resolves with the first round in which the figures are as they should be. */
export async function waitForFigures(
  client: RawClient,
  wanted: Record<string, number>,
): Promise<Figures> {
  await subscribe(client, "$SYS/#", 0);
  for (;;) {
    const messages = await receivedUntilNow(client);
    const figures = new Map(
      messages.map(({ topic, payload }) => [topic.replace(BELOW, ""), String(payload)]),
    );
    const wrong = Object.entries(wanted).filter(([name, value]) => {
      return figures.get(name) !== String(value);
    });
    if (wrong.length === 0) return figures;
    await nextRound(client).catch((cause) => {
      const found = wrong.map(([name, value]) => `${name}: ${figures.get(name)}, not ${value}`);
      throw new Error(found.join("; "), { cause });
    });
  }
}

export async function nextRound(client: RawClient): Promise<void> {
  // The uptime is another in each round, and published first.
  while ((await client.next("publish")).topic !== `${BELOW}uptime`) {}
}

export async function readTopics(client: RawClient, filter = "$SYS/#"): Promise<string[]> {
  await subscribe(client, filter, 0);
  return (await receivedUntilNow(client)).map(({ topic }) => topic);
}
