// Notices when the event loop stood still: a handler that computes, or waits in a busy loop, holds
// up every other one, the link and HTTP. Nothing can interrupt it; it can be named.

import type { Logger } from "../lib/log.ts";
import type { Worker } from "./worker.ts";

const LOOK_EVERY_MS = 250;
/** Shorter ones are everyday life. */
const STALL_MS = 500;

/** Watches until it is disposed. Suspects are the handlers that ran since the last look. */
export function watchStalls(getWorkers: () => readonly Worker[], log: Logger): Disposable {
  let lookedAtMs = performance.now();
  let before = new Map<Worker, number>();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const stalledMs = Math.round(nowMs - lookedAtMs - LOOK_EVERY_MS);
    lookedAtMs = nowMs;
    const workers = getWorkers();
    if (stalledMs >= STALL_MS) {
      const suspects = workers.filter((worker) => {
        return worker.load.running > 0 || before.get(worker) !== worker.figures.runs;
      });
      for (const { figures } of suspects) {
        figures.stalledMs = Math.max(figures.stalledMs, stalledMs);
      }
      tell(stalledMs, suspects, log);
    }
    before = new Map(workers.map((worker) => [worker, worker.figures.runs]));
  }, LOOK_EVERY_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function tell(stalledMs: number, suspects: readonly Worker[], log: Logger): void {
  const seconds = (stalledMs / 1000).toFixed(1);
  const names = suspects.map(({ named }) => named.name).join(", ") || "no handler";
  log.warn(
    `nothing could run for ${seconds} s: something computed without a pause. At work then: ` +
      `${names}. Await in between, or move the work into a Worker`,
    { stalled_ms: stalledMs, handlers: suspects.map(({ named }) => named.name) },
  );
}
