// The page at /docs in a real browser that reaches nothing but the bridge.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { on, t, topic, viaduto } from "../../src/viaduto.ts";
import { type Bridge, startBinary, startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>";

describeIf("chromium", "the page at /docs", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    const payload = t.Object({ a: t.String({ description: EVIL }) });
    const reply = t.Object({ ok: t.Boolean() });
    bridge = await startBridge({
      flags: ["--document-title", EVIL],
      handlers: [on(topic("plant/{id}", { payload, reply }), () => ({ ok: true }))],
    });
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  test(
    "of the binary shows all routes and topics, and asks nobody else for anything",
    async () => {
      await using binary = await startBinary({ flags: ["--data", ":memory:"] });
      await using opened = await openPage(suite.browser, `${binary.url}/docs`);
      await opened.page.waitForSelector("article");
      const titles = await opened.page.locator("article h3").allInnerTexts();
      expect(titles).toContain("POST /publish");
      expect(titles).toContain("SUBSCRIBE devices/update/status/{ticket}");
      const document = await (await fetch(`${binary.url}/openapi.json`)).json();
      const { paths } = document as { paths: Record<string, object> };
      const count = Object.values(paths).flatMap(Object.keys).length;
      expect(titles.filter((title) => / \//.test(title))).toHaveLength(count);
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "sends what its form says, and shows the answer",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/docs`);
      const form = opened.page.locator("#putTopic form");
      await form.getByRole("textbox", { name: "topic path" }).fill("a b/ü?#");
      await form.locator("textarea").fill("it's 21");
      expect(await form.locator(".line code").textContent()).toBe(
        `curl -X PUT --data-raw 'it'\\''s 21' ${bridge.url}/topics/a%20b/%C3%BC%3F%23`,
      );
      await form.getByRole("textbox", { name: "topic path" }).fill("a b/ü?");
      await form.getByRole("button", { name: "Send" }).click();
      await opened.page.waitForSelector("#putTopic .answer-status.s2");
      const topics = `${bridge.url}/topics/${encodeURIComponent("a b/ü?")}`;
      expect(await (await fetch(topics)).text()).toBe("it's 21");
    },
    TIMEOUT_MS,
  );

  test(
    "reads what strangers wrote as text, and has Mosquitto's lines",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/docs`);
      await opened.page.waitForSelector("#topics article");
      expect(await opened.page.locator("#title").textContent()).toContain(EVIL);
      expect(await opened.page.locator("#topics").textContent()).toContain(EVIL);
      expect(await opened.page.locator("img").count()).toBe(0);
      const lines = await opened.page.locator("#topics .line code").allInnerTexts();
      const where = `-h 127.0.0.1 -p ${bridge.mqttPort}`;
      expect(lines).toEqual([
        `mosquitto_pub ${where} -t plant/id -q 1 -m '{"a":"text"}'`,
        `mosquitto_rr ${where} -V 5 -t plant/id -e my/answers -q 1 -m '{"a":"text"}'`,
        `mosquitto_sub ${where} -v -t plant/+`,
      ]);
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "is found by search, and by the keyboard alone",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/docs`);
      const { page } = opened;
      await page.waitForSelector("article");
      await page.keyboard.press("Tab");
      expect(await page.locator(":focus").textContent()).toBe("Skip to the content");
      await page.locator("#search").fill("no such thing");
      expect(await page.locator("article:visible").count()).toBe(0);
      await page.locator("#search").fill("dead run");
      const titles = await page.locator("article:visible h3").allInnerTexts();
      expect(titles).toEqual(["POST /dead-letters/{id}/redrive", "POST /dead-letters/redrive"]);
    },
    TIMEOUT_MS,
  );

  test.each([360, 768, 1_920])(
    "is no wider than a screen of %d pixels, light and dark",
    async (width) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await using opened = await openPage(suite.browser, `${bridge.url}/docs`, {
          width,
          colorScheme,
        });
        await opened.page.waitForSelector("article");
        const shown = await opened.page.evaluate<number>("document.documentElement.scrollWidth");
        expect(shown).toBe(width);
        const ground = "getComputedStyle(document.documentElement).backgroundColor";
        const colour = await opened.page.evaluate<string>(ground);
        expect(colour === "rgb(255, 255, 255)").toBe(colorScheme === "light");
      }
    },
    TIMEOUT_MS,
  );

  test(
    "works below a path of somebody's own app, and with a token",
    async () => {
      const options = { data: ":memory:", logLevel: "error", wsPort: "off", mqttPort: 0 } as const;
      const plugin = viaduto({ ...options, routes: "/bridge", httpToken: "abc" });
      const app = new Elysia().use(plugin);
      app.listen({ hostname: "127.0.0.1", port: 0 });
      const url = `http://127.0.0.1:${app.server?.port}/bridge`;
      {
        await using opened = await openPage(suite.browser, `${url}/?token=abc`);
        await opened.page.goto(`${url}/docs`);
        await opened.page.waitForSelector("#listHandlers");
        const form = opened.page.locator("#listHandlers form");
        await form.getByRole("button", { name: "Send" }).click();
        await opened.page.waitForSelector("#listHandlers .answer-status.s2");
        await opened.page.locator("#token").fill("wrong");
        await form.getByRole("button", { name: "Send" }).click();
        await opened.page.waitForSelector("#listHandlers .answer-status.s4");
      }
      await app.stop(true);
    },
    TIMEOUT_MS,
  );
});
