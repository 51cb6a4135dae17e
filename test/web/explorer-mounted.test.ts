// The explorer below a path of somebody's own app, where there is no WebSocket: it reads the stream
// of events instead.

import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { viaduto } from "../../src/viaduto.ts";
import { openPage, startBrowser } from "../kit/browser.ts";
import { describeIf } from "../kit/suites.ts";

const TIMEOUT_MS = 60_000;

describeIf("chromium", "the explorer below a path", () => {
  test(
    "finds its files and its bridge, and shows what comes",
    async () => {
      await using started = await startBrowser();
      const options = { routes: "/bridge", mqttPort: 0, wsPort: 0, data: ":memory:" } as const;
      const app = new Elysia().use(viaduto(options)).listen({ port: 0, hostname: "127.0.0.1" });
      try {
        const url = `http://127.0.0.1:${app.server?.port}/bridge`;
        await using opened = await openPage(started.browser, url);
        const { page } = opened;
        await page.waitForSelector(".connection.good");
        const body = JSON.stringify({ topic: "attic/lamp", payload: "on", qos: 1 });
        expect((await fetch(`${url}/publish`, { method: "POST", body })).ok).toBe(true);
        await page.getByText("lamp").first().waitFor();
        // It tries the WebSocket first, and the browser tells.
        const problems = opened.problems.filter((text) => !text.startsWith("WebSocket connection"));
        expect([opened.foreign, problems]).toEqual([[], []]);
      } finally {
        await app.stop(true);
      }
    },
    TIMEOUT_MS,
  );
});
