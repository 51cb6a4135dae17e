// What all pages of the explorer share, in a real browser: keys, words, and the filter that is
// watched.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;

describeIf("chromium", "the frame of the explorer", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({ flags: ["--will", "off"] });
    for (const topic of ["old/light", "new/light"]) {
      await fetch(`${bridge.url}/topics/${topic}?retain=true`, { method: "PUT", body: "1" });
    }
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  test(
    "has no key that leads away from behind a dialog",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/#/retained`);
      const { page } = opened;
      await page.locator(".retained-list li button").first().click();
      await page.locator("dialog[open] pre").first().waitFor();
      await page.keyboard.press("p");
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      expect(new URL(page.url()).hash).toBe("#/retained");
      await page.keyboard.press("p");
      await page.locator(".publish-page").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "shows no topics of a filter that is watched no more, however late they are told",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/#/publish`);
      const { page } = opened;
      await page.evaluate(() => localStorage.setItem("viaduto.filter", "old/#"));
      const asked = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      await page.route(/\/topics\?filter=old/, async (route) => {
        asked.resolve();
        await released.promise;
        await route.continue();
      });
      await page.goto(`${bridge.url}/?again#/topics`);
      await asked.promise;
      await page.locator("#watched-filter").fill("new/#");
      await page.locator("#watched-filter").press("Enter");
      await page.getByRole("treeitem").getByText("new", { exact: true }).waitFor();
      const late = page.waitForResponse(/\/topics\?filter=old/);
      released.resolve();
      await (await late).finished();
      // A later answer is drawn after it.
      await fetch(`${bridge.url}/topics/new/door`, { method: "PUT", body: "open" });
      await page.getByRole("treeitem").getByText("door", { exact: true }).waitFor();
      const names = await page.getByRole("treeitem").locator("bdi").allInnerTexts();
      expect(names).not.toContain("old");
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "tells in the reader's language why there is no history",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`, {
        locale: "pt-BR",
      });
      const { page } = opened;
      await page.route(/\/history\?/, (route) => route.abort());
      await page.goto(`${bridge.url}/#/topics/${encodeURIComponent("new/light")}`);
      await page.locator(".message-pane").getByText("A ponte não responde.").waitFor();
      await page.locator(".connection").getByText("o broker embutido").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "offers older messages again when they could not be read",
    async () => {
      for (let at = 0; at <= 201; at += 1) {
        await fetch(`${bridge.url}/topics/long/story`, { method: "PUT", body: String(at) });
      }
      const hash = `#/topics/${encodeURIComponent("long/story")}`;
      await using opened = await openPage(suite.browser, `${bridge.url}/${hash}`);
      const { page } = opened;
      const older = page.getByRole("button", { name: "Load older" });
      await page.route(/\/history\?.*after=/, (route) => route.abort(), { times: 1 });
      await older.click();
      await page.getByRole("alert").getByText("The bridge does not answer.").waitFor();
      await older.click();
      await older.waitFor({ state: "detached" });
    },
    TIMEOUT_MS,
  );
});
