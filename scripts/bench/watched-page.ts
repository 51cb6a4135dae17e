// The explorer in Chromium, while it is measured: a page that scrolls its tree all the time and
// counts its frames, and how much memory its script holds. Used by bench-explorer.ts.

import type { Page } from "playwright-core";
import { openPage, startBrowser } from "../../test/kit/browser.ts";

export type FrameReport = {
  readonly frames: number;
  readonly seconds: number;
  /** The longest pause between two frames. */
  readonly longestMs: number;
};

export type CpuReport = { readonly all: number; readonly script: number };

export type WatchedPage = AsyncDisposable & {
  /** Frames since the last call. */
  readonly takeFrames: () => Promise<FrameReport>;
  /** Seconds of the processor that the page's main thread has had so far: all, and its script. */
  readonly readCpuSeconds: () => Promise<CpuReport>;
  /** Bytes that the script holds, after its rubbish was collected. */
  readonly readHeapBytes: () => Promise<number>;
  /** What the page says of its budget. */
  readonly readBudget: () => Promise<string>;
};

// In the page: down the tree and up again, a row and a half in each frame.
const SCROLLING = `(() => {
  const seen = { frames: 0, longestMs: 0, startMs: performance.now(), lastMs: performance.now() };
  let step = 48;
  const scroll = (nowMs) => {
    const list = document.querySelector(".topic-list");
    const before = list.scrollTop;
    list.scrollTop += step;
    if (list.scrollTop === before) step = -step;
    seen.frames += 1;
    seen.longestMs = Math.max(seen.longestMs, nowMs - seen.lastMs);
    seen.lastMs = nowMs;
    requestAnimationFrame(scroll);
  };
  requestAnimationFrame(scroll);
  globalThis.takeFrames = () => {
    const nowMs = performance.now();
    const { frames, longestMs, startMs } = seen;
    Object.assign(seen, { frames: 0, longestMs: 0, startMs: nowMs });
    return { frames, longestMs, seconds: (nowMs - startMs) / 1_000 };
  };
})()`;

/** Opens the page, waits for so many topics, opens all levels and begins to scroll. */
export async function watchPage(url: string, topics: number): Promise<WatchedPage> {
  await using stack = new AsyncDisposableStack();
  const { browser } = stack.use(await startBrowser());
  const { page, problems } = stack.use(await openPage(browser, url));
  // With the topic of the bridge's own status.
  const counts = [topics, topics + 1].map((count) => count.toLocaleString("en"));
  await page.getByText(new RegExp(`^(${counts.join("|")}) topics kept`)).waitFor();
  await page.getByRole("button", { name: "Open all" }).click();
  await page.evaluate(SCROLLING);
  const readers = await createReaders(page);
  const closing = stack.move();
  return {
    takeFrames: () => page.evaluate<FrameReport>("takeFrames()"),
    ...readers,
    readBudget: async () => (await page.locator(".budget span").allTextContents()).join(", "),
    async [Symbol.asyncDispose]() {
      for (const problem of problems) console.error(problem);
      await closing.disposeAsync();
    },
  };
}

async function createReaders(
  page: Page,
): Promise<Pick<WatchedPage, "readCpuSeconds" | "readHeapBytes">> {
  const session = await page.context().newCDPSession(page);
  // Of the thread, not of the clock: other work on the machine does not count.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return {
    async readCpuSeconds() {
      const { metrics } = await session.send("Performance.getMetrics");
      const read = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
      return { all: read("TaskDuration"), script: read("ScriptDuration") };
    },
    async readHeapBytes() {
      await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Runtime.getHeapUsage")).usedSize;
    },
  };
}
