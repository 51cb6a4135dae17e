// Gives memory back: the buffers of connections that say nothing, and what clients had that have
// left in great number. The collector works when something is made, and a
// broker whose clients are gone makes nothing: it would stay as large as it ever was. And while
// queues fill, it would wait until memory has doubled, since it counts on the whole machine. Opened
// by broker.ts.

import type { Connection } from "./client-connection.ts";

/** Connections that must have ended since the last time, so that it is worth the pause. */
const ENDED_MIN = 500;
const LOOK_MS = 1_000;
/** Memory by which the process may grow between two collections. */
const GROWTH_BYTES = 16 << 20;
const GROWTH_LOOK_MS = 50;

/**
 * Collects once the number of connections has fallen, and falls no more; and, without a pause, when
 * memory has grown.
 */
export function openMemoryReturn(connections: ReadonlySet<Connection>): AsyncDisposable {
  let highest = 0;
  let last = 0;
  let isFollowed = false;
  const timer = setInterval(() => {
    for (const { writes } of connections) writes.rest();
    const { size } = connections;
    highest = Math.max(highest, size);
    const isQuiet = size >= last;
    last = size;
    const isWorthIt = isQuiet && highest - size >= ENDED_MIN;
    // Twice: what the first time has freed, sockets above all, holds on to more.
    if (isWorthIt || isFollowed) Bun.gc(true);
    isFollowed = isWorthIt;
    if (isWorthIt) highest = size;
  }, LOOK_MS);
  timer.unref();
  const growth = watchGrowth();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      clearInterval(growth);
    },
  };
}

function watchGrowth(): Timer {
  let lowest = process.memoryUsage.rss();
  const timer = setInterval(() => {
    const now = process.memoryUsage.rss();
    const isLarger = now > lowest + GROWTH_BYTES;
    if (isLarger) Bun.gc(false);
    if (isLarger || now < lowest) lowest = now;
  }, GROWTH_LOOK_MS);
  timer.unref();
  return timer;
}
