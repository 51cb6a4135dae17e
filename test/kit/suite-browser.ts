// The browser of a suite. Apart from browser.ts, which benchmarks use as well.

import { afterAll, beforeAll } from "bun:test";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.ts";

/** One browser for all tests of a suite; it is there when they begin. */
export function useBrowser(timeoutMs: number): { readonly browser: Browser } {
  let started: Awaited<ReturnType<typeof startBrowser>> | undefined;
  beforeAll(async () => {
    started = await startBrowser();
  }, timeoutMs);
  afterAll(() => started?.[Symbol.asyncDispose]());
  return {
    get browser() {
      if (!started) throw new Error("the browser is not there yet");
      return started.browser;
    },
  };
}
