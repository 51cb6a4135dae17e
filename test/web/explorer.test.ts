// The explorer as a whole, of the compiled binary, in a real browser that reaches nothing else:
// every page for everybody, in both languages, and against what strangers write.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { findBarriers } from "../kit/accessibility.ts";
import { type BinaryBridge, startBinary } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { HOSTILE_LEVELS, HOSTILE_TEXTS } from "../kit/hostile-texts.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

const TIMEOUT_MS = 60_000;
const PAGES = ["topics", "publish", "flow", "handlers", "retained", "broker", "stage"] as const;
const TOKEN = "workshop";

describeIf("chromium", "the explorer", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let binary: BinaryBridge;

  beforeAll(async () => {
    binary = await startBinary({ flags: ["--data", ":memory:"] });
    await publish(binary.url, "devices/update", '{"device_id":"sensor-99","celsius":21.5}');
    await publish(binary.url, "devices/update", "no JSON");
    await publish(binary.url, "rooms/attic", "warm", { retain: true });
  }, TIMEOUT_MS);
  afterAll(() => binary[Symbol.asyncDispose]());

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `has no barrier that axe-core finds serious, ${colorScheme}`,
      async () => {
        await using opened = await openPage(suite.browser, `${binary.url}/`, { colorScheme });
        const barriers: string[] = [];
        for (const name of PAGES) {
          await goTo(opened.page, name);
          const found = await findBarriers(opened.page);
          barriers.push(...found.map((barrier) => `${name}: ${barrier}`));
        }
        expect(barriers).toEqual([]);
        expect([opened.foreign, opened.problems]).toEqual([[], []]);
      },
      TIMEOUT_MS,
    );
  }

  test(
    "fits on a phone: nothing is wider than it",
    async () => {
      await using opened = await openPage(suite.browser, `${binary.url}/`, {
        width: 360,
        height: 740,
      });
      const widths: Record<string, unknown> = {};
      for (const name of PAGES) {
        await goTo(opened.page, name);
        widths[name] = await opened.page.evaluate("document.documentElement.scrollWidth");
        // The stage has no frame.
        if (name !== "stage")
          expect([name, await isCurrentInSight(opened.page)]).toEqual([name, true]);
      }
      expect(widths).toEqual(Object.fromEntries(PAGES.map((name) => [name, 360])));
    },
    TIMEOUT_MS,
  );

  test(
    "speaks the browser's language, and the one that is chosen",
    async () => {
      await using opened = await openPage(suite.browser, `${binary.url}/`, { locale: "pt-BR" });
      const { page } = opened;
      await page.waitForSelector("html[lang=pt-BR]");
      await page.locator("nav a", { hasText: "Publicar" }).waitFor();
      await page.locator("header select").first().selectOption("en");
      await page.waitForSelector("html[lang=en]");
      await page.locator("nav a", { hasText: "Publish" }).waitFor();
      await page.reload();
      await page.waitForSelector("html[lang=en]");
    },
    TIMEOUT_MS,
  );

  test(
    "asks for the token, and shows everything with it",
    async () => {
      const flags = ["--data", ":memory:", "--http-token", TOKEN];
      await using guarded = await startBinary({ flags });
      await using opened = await openPage(suite.browser, `${guarded.url}/`);
      const { page } = opened;
      await page.locator(".token-form input").fill("wrong");
      await page.locator(".token-form button").click();
      await page.locator(".token-form [role=alert]").waitFor();
      await page.locator(".token-form input").fill(TOKEN);
      await page.locator(".token-form button").click();
      await page.waitForSelector("#main[data-page=topics] h1, #main[data-page=topics] [role=tree]");
      await page.waitForSelector(".token-form", { state: "detached" });
      expect(opened.foreign).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows what strangers write, and runs none of it",
    async () => {
      await using attacked = await startBinary({ flags: ["--data", ":memory:"] });
      await using opened = await openPage(suite.browser, `${attacked.url}/`);
      const { page } = opened;
      page.on("dialog", () => expect.unreachable());
      for (const [at, level] of HOSTILE_LEVELS.entries()) {
        const text = HOSTILE_TEXTS[at] ?? "";
        const properties = { user_properties: { [text]: text }, content_type: "text/html" };
        const body = { retain: true, properties };
        await publish(attacked.url, `hostile/${level}`, text, body);
        await publish(attacked.url, "devices/update", JSON.stringify({ device_id: text }), body);
        await publish(attacked.url, "devices/update", text, body);
      }
      for (const name of PAGES) {
        await goTo(page, name);
        expect([name, await page.locator("img[src=x], iframe, #main script").count()]).toEqual([
          name,
          0,
        ]);
      }
      for (const level of HOSTILE_LEVELS) {
        await page.evaluate(`location.hash = ${JSON.stringify(toTopicHash(level))}`);
        await page.waitForSelector("#main[data-page=topics]");
      }
      expect(await page.evaluate("window.hacked")).toBeUndefined();
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );
});

async function goTo(page: Page, name: string): Promise<void> {
  await page.evaluate(`location.hash = "#/${name}"`);
  await page.waitForSelector(`#main[data-page=${name}]`);
  // What it asks the bridge for is there, or on its way in a long poll.
  await page.waitForSelector(`#main[data-page=${name}] h1`, { state: "attached" });
}

function isCurrentInSight(page: Page): Promise<boolean> {
  return page.locator("nav a[aria-current]").evaluate((link) => {
    const { left, right } = link.getBoundingClientRect();
    return left >= 0 && right <= 360;
  });
}

function toTopicHash(level: string): string {
  return `#/topics/${encodeURIComponent(`hostile/${level}`)}`;
}

async function publish(url: string, topic: string, payload: string, more: object = {}) {
  const body = JSON.stringify({ topic, payload, qos: 1, ...more });
  const answer = await fetch(`${url}/publish`, { method: "POST", body });
  expect([topic, answer.ok]).toEqual([topic, true]);
}
