// The page "Stage" in a real browser that reaches nothing but the bridge.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { hashPassword } from "../../src/access/password-hash.ts";
import { on, t, topic } from "../../src/viaduto.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { findBarriers } from "../kit/accessibility.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { openPage, type PageOptions } from "../kit/browser.ts";
import { connectDevice } from "../kit/device.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>";

describeIf("chromium", "the stage", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;
  const openStage = async (options?: PageOptions) => {
    const opened = await openPage(suite.browser, `${bridge.url}/#/stage`, options);
    await opened.page.waitForSelector(".actor.handler, .still .stage-cards");
    // Else it may miss the first message.
    await opened.page.waitForSelector(".stage-head .connection.good");
    return opened;
  };

  beforeAll(async () => {
    const payload = t.Object({ moisture: t.Number() });
    const reply = t.Object({ valve: t.String() });
    bridge = await startBridge({
      handlers: [on(topic("beds/{id}", { payload, reply }), () => ({ valve: "open" }))],
    });
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  test(
    "shows the handlers also when the bridge did not tell them at once",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`);
      const { page } = opened;
      await page.route(/\/handlers$/, (route) => route.abort(), { times: 1 });
      const refused = page.waitForEvent("requestfailed", (asked) => /handlers$/.test(asked.url()));
      await page.goto(`${bridge.url}/#/stage`);
      await refused;
      await page.waitForSelector(".actor.handler");
    },
    TIMEOUT_MS,
  );

  test(
    "shows a message pass from its device to its handler, and the reply",
    async () => {
      await using opened = await openStage();
      const { page } = opened;
      // No handler of the room is given what it cannot take.
      const line = await page.locator(".stage-nothing code").textContent();
      expect(line).toEndWith("-t hello/world -m 42");
      await using device = await connectDevice(bridge.mqttPort, undefined, { clientId: "bed-7" });
      const flown = page.waitForSelector(".flight", { state: "attached" });
      const properties = { responseTopic: "valves/7" };
      await device.client.publishAsync("beds/7", '{"moisture":31}', { qos: 1, properties });
      await flown;
      await page.waitForSelector(".actor.device:has-text('bed-7')");
      await page.waitForSelector(".actor.reply:has-text('valves/7'):has-text('open')");
      await page.waitForSelector(".stage-card:has-text('beds/7'):has-text('31')");
      await page.waitForSelector(".flight.reply", { state: "attached" });
      await page.waitForSelector(".flight", { state: "detached" });
      expect(await page.locator(".stage-address").textContent()).toBe(
        `mqtt://127.0.0.1:${bridge.mqttPort}`,
      );
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "is paused, slowed down and left by keys, which the help names",
    async () => {
      await using opened = await openStage();
      const { page } = opened;
      await page.keyboard.press(" ");
      await publish(bridge, "paused/1", "1");
      await page.waitForSelector(".stage-paused:has-text('1 message passed meanwhile')");
      await page.keyboard.press(" ");
      await page.waitForSelector(".stage-paused", { state: "detached" });
      await page.keyboard.press("m");
      const slow = page.getByRole("button", { name: "×½" });
      expect(await slow.getAttribute("aria-pressed")).toBe("true");
      await page.keyboard.press("q");
      await page.waitForSelector(".join:has-text('viaduto --lan')");
      await page.keyboard.press("Escape");
      await page.waitForSelector(".join", { state: "detached" });
      await page.keyboard.press("?");
      await page.waitForSelector("dialog[open]:has-text('stage: slow motion')");
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog[open]", { state: "detached" });
      await page.keyboard.press("s");
      await page.waitForSelector("header.head");
      expect(page.url()).toEndWith("#/topics");
      await page.keyboard.press("s");
      await page.waitForSelector(".stage");
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "puts a topic in the light, and reads what strangers wrote as text",
    async () => {
      await publish(bridge, `${EVIL}/1`, EVIL);
      await publish(bridge, "calm/1", '{"a":1}');
      await using opened = await openStage();
      const { page } = opened;
      await page.waitForSelector(`.stage-card:has-text('calm/1')`);
      await publish(bridge, `${EVIL}/1`, EVIL);
      await page.waitForSelector(".actor.device:has-text('onerror')");
      await page.keyboard.press("/");
      await page.keyboard.type("calm/#");
      await page.waitForSelector(".actor.device.dim:has-text('onerror')");
      await page.waitForSelector(".stage-card:has-text('onerror')", { state: "detached" });
      expect(await page.locator(".stage-card h3 span").allInnerTexts()).toEqual(["calm/1"]);
      expect(await page.locator("img").count()).toBe(0);
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows how to join, where others reach the bridge",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/health`);
      const { page } = opened;
      await answerAsWithLan(page);
      await page.goto(`${bridge.url}/#/stage`);
      await page.waitForSelector(".stage-address:has-text('mqtt://192.168.1.20:')");
      await page.getByRole("button", { name: "Join" }).click();
      const address = `http://192.168.1.20:${new URL(bridge.url).port}/`;
      const code = page.getByRole("img", { name: `QR code of ${address}` });
      // Each square of it is some of the path.
      expect((await code.locator("path").getAttribute("d"))?.length).toBeGreaterThan(1_000);
      await page.waitForSelector(".join:has-text('asks for the token')");
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each([360, 1_280, 1_920])(
    "has no barriers and no more width than a screen of %d pixels, light and dark",
    async (width) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await using opened = await openStage({ width, colorScheme });
        const { page } = opened;
        const shown = "[document.documentElement, document.querySelector('.stage')]";
        const widths = await page.evaluate<number[]>(`${shown}.map((one) => one.scrollWidth)`);
        expect(widths).toEqual([width, width]);
        await page.keyboard.press("q");
        await page.waitForSelector(".join");
        await page.waitForSelector(".stage-card");
        expect(await findBarriers(page)).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "moves nothing where the system asks for that, and speaks Portuguese",
    async () => {
      await publish(bridge, "still/1", "quiet");
      await using opened = await openPage(suite.browser, `${bridge.url}/health`);
      const { page } = opened;
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.goto(`${bridge.url}/#/topics`);
      await page.getByRole("combobox", { name: "Language" }).selectOption("pt-BR");
      await page.keyboard.press("Escape");
      await page.evaluate("document.activeElement.blur()");
      await page.keyboard.press("s");
      await page.waitForSelector(".still .stage-card:has-text('quiet')");
      expect(await page.locator(".stage-floor").count()).toBe(0);
      expect(await page.locator(".stage-pause").textContent()).toBe("Pausar");
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "suggests a line with a login where the broker asks for one",
    async () => {
      await using folder = await makeTemporaryFolder();
      const hash = await hashPassword(Buffer.from("geheim"));
      const file = await folder.write("passwords", `ana:${hash}\n`);
      await using own = await startBridge({ flags: ["--password-file", file] });
      for (const name of ["stage", "broker"]) {
        await using opened = await openPage(suite.browser, `${own.url}/#/${name}`);
        await opened.page.locator("code", { hasText: " -u USER -P PASSWORD -t " }).waitFor();
        expect(opened.problems).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );
});

async function publish({ url }: Bridge, to: string, payload: string): Promise<void> {
  const body = JSON.stringify({ topic: to, payload, qos: 1 });
  const answer = await fetch(`${url}/publish`, { method: "POST", body });
  expect(answer.ok).toBe(true);
}

// The bridge under test stays on loopback.
async function answerAsWithLan(page: Page): Promise<void> {
  await page.route("**/", async (route) => {
    const wantsPage = route.request().headers().accept?.includes("text/html");
    if (wantsPage) return route.fallback();
    const answer = await route.fetch();
    const home = (await answer.json()) as { reach: object };
    const reach = { ...home.reach, addresses: ["192.168.1.20"], token_asked: true };
    await route.fulfill({ response: answer, json: { ...home, reach } });
  });
}
