// The page "Flow" in a real browser: stories as they come, their waterfall, and a dead letter sent
// again.

import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { on, t, topic } from "../../src/viaduto.ts";
import { findBarriers } from "../kit/accessibility.ts";
import { startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { connectDevice } from "../kit/device.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>";

const rooms = topic("rooms/{id}", { payload: t.Number() });
const alarms = topic("alarms/{id}", { payload: t.Number() });

/** Too cold fails, until it is `mended`. */
function createHandlers() {
  const state = { isMended: false };
  const mend = () => {
    state.isMended = true;
  };
  const first = on(
    rooms,
    async ({ payload, params, publish }) => {
      if (payload < 0 && !state.isMended) throw new Error(`too cold ${EVIL}`);
      await publish(alarms, params, payload);
    },
    { retries: { times: 1, delay: 1 } },
  );
  return { handlers: [first, on(alarms, () => {})], mend };
}

/** The link to it in the list. */
function toStory(page: Page, topic: string) {
  const has = page.locator(".story-topic", { hasText: topic });
  return page.locator(".story-links a").filter({ has });
}

/** What a browser does when another tab is chosen, and this one again. */
function toVisibility(state: "hidden" | "visible"): string {
  const value = `{ value: "${state}", configurable: true }`;
  return `Object.defineProperty(document, "visibilityState", ${value});
    document.dispatchEvent(new Event("visibilitychange"));`;
}

describeIf("chromium", "the page of flows", () => {
  const suite = useBrowser(TIMEOUT_MS);

  test(
    "shows a story as it comes, and leads to the one that came of it",
    async () => {
      await using bridge = await startBridge(createHandlers());
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`);
      const { page } = opened;
      await page.getByRole("heading", { name: "No story yet" }).waitFor();
      await using device = await connectDevice(bridge.mqttPort, undefined, { clientId: EVIL });
      await device.send("rooms/1", 21);
      await toStory(page, "rooms/1").click();
      const rows = page.locator(".waterfall tbody tr");
      await rows.filter({ hasText: "acknowledged" }).waitFor();
      expect(await rows.locator(".step-words").allInnerTexts()).toEqual([
        `Device ${EVIL}`,
        "Broker",
        "Handler rooms/{id}",
        "publishes to alarms/1",
      ]);
      expect(await rows.locator(".bar").count()).toBeGreaterThanOrEqual(4);
      await page.getByRole("link", { name: "Its story" }).click();
      await page.locator(".story h2", { hasText: "alarms/1" }).waitFor();
      await page.getByRole("link", { name: "The story before it" }).click();
      await page.locator(".story h2", { hasText: "rooms/1" }).waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "sends a dead letter again, and tells how it went",
    async () => {
      const { handlers, mend } = createHandlers();
      await using bridge = await startBridge({ handlers });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`);
      const { page } = opened;
      await fetch(`${bridge.url}/topics/rooms/2`, { method: "PUT", body: "-4" });
      await page.locator(".story-links a", { hasText: "failed" }).click();
      await page.locator("tr", { hasText: "attempt 2" }).getByText("dead letter").first().waitFor();
      await page.getByRole("button", { name: "Dead letter 1" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("too cold").first().waitFor();
      expect(await dialog.locator("pre").first().textContent()).toBe("-4");
      await dialog.getByRole("button", { name: "Send again" }).click();
      await dialog.getByRole("link", { name: "See its flow" }).waitFor();
      expect(await dialog.getByRole("alert").textContent()).toContain("too cold");
      mend();
      await dialog.getByRole("button", { name: "Send again" }).click();
      await dialog.getByText("The handler has done it now").waitFor();
      await dialog.getByRole("link", { name: "See its flow" }).click();
      await page.locator(".story-facts", { hasText: "Dead letter 1, sent again" }).waitFor();
      const answer = await fetch(`${bridge.url}/dead-letters`);
      expect(await answer.json()).toMatchObject({ total: 0 });
      expect(opened.foreign).toEqual([]);
      // The browser tells of each answer that is an error, as of the attempt that was in vain.
      expect(opened.problems.filter((text) => !text.includes("status of 500"))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "finds stories by filter, by text and by what failed, and goes through them by arrows",
    async () => {
      await using bridge = await startBridge(createHandlers());
      for (const [path, body] of [
        ["rooms/1", "1"],
        ["rooms/2", "-2"],
      ] as const) {
        await fetch(`${bridge.url}/topics/${path}`, { method: "PUT", body });
      }
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`);
      const { page } = opened;
      await page.locator(".story-links a", { hasText: "failed" }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("alarms/+");
      await toStory(page, "rooms/").first().waitFor({ state: "detached" });
      await toStory(page, "alarms/1").waitFor();
      await page.getByRole("searchbox").fill("PUT");
      await toStory(page, "rooms/1").waitFor();
      await toStory(page, "alarms/1").waitFor({ state: "detached" });
      await toStory(page, "rooms/2").click();
      await page.keyboard.press("ArrowDown");
      await page.locator(".story h2", { hasText: "rooms/1" }).waitFor();
      await page.getByRole("combobox", { name: "Which" }).selectOption("failed");
      await toStory(page, "rooms/1").waitFor({ state: "detached" });
      await page.getByRole("searchbox").fill("a/#/b");
      await page.getByText("This is no MQTT filter.").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "says in Portuguese what a story that is gone is, and pauses",
    async () => {
      await using bridge = await startBridge(createHandlers());
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow/12`);
      const { page } = opened;
      await page.getByRole("combobox", { name: "Language" }).selectOption("pt-BR");
      await page.getByText("Esta história não é mais guardada.").waitFor();
      await page.getByRole("button", { name: "Pausar" }).click();
      await page.getByText("Em pausa").waitFor();
      await fetch(`${bridge.url}/topics/rooms/1`, { method: "PUT", body: "1" });
      expect(await toStory(page, "rooms/1").count()).toBe(0);
      await page.getByRole("button", { name: "Continuar" }).click();
      await toStory(page, "rooms/1").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "asks for nothing while it is hidden",
    async () => {
      await using bridge = await startBridge(createHandlers());
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`);
      const { page } = opened;
      const isPoll = (request: { url(): string }) => request.url().includes("/flows?");
      await page.waitForRequest((request) => isPoll(request) && request.url().includes("wait="));
      const ended = page.waitForEvent("requestfailed", isPoll);
      await page.evaluate(toVisibility("hidden"));
      await ended;
      const begun = page.waitForRequest(isPoll);
      await fetch(`${bridge.url}/topics/rooms/1`, { method: "PUT", body: "1" });
      expect(await toStory(page, "rooms/1").count()).toBe(0);
      await page.evaluate(toVisibility("visible"));
      await begun;
      await toStory(page, "rooms/1").waitFor();
    },
    TIMEOUT_MS,
  );

  test.each([360, 1_920])(
    "is no wider than a screen of %d pixels, and without barriers",
    async (width) => {
      await using bridge = await startBridge(createHandlers());
      const path = `rooms/${"long".repeat(40)}`;
      await fetch(`${bridge.url}/topics/${path}`, { method: "PUT", body: "-1" });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/flow`, { width });
      const wide = "document.querySelector('main').scrollWidth";
      await toStory(opened.page, path).waitFor();
      expect(await opened.page.evaluate<number>(wide)).toBe(width);
      await toStory(opened.page, path).click();
      await opened.page.getByRole("button", { name: "Dead letter 1" }).waitFor();
      expect(await opened.page.evaluate<number>(wide)).toBe(width);
      expect(await findBarriers(opened.page)).toEqual([]);
      await opened.page.getByRole("combobox", { name: "Theme" }).selectOption("dark");
      expect(await findBarriers(opened.page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
