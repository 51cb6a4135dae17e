// The page "Topics" in a real browser: the tree, its search and keys, and what it says when nothing
// arrives.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { on, t, topic } from "../../src/viaduto.ts";
import { type Bridge, startBinary, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { openPage } from "../kit/browser.ts";
import { run } from "../kit/processes.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = '<img src=x onerror="alert(1)">';

/** Publishes as a device would: topic, payload, and other flags. */
async function send(port: number, name: string, payload: string, ...flags: string[]) {
  const where = ["-h", "127.0.0.1", "-p", String(port), "-V", "5", "-q", "1"];
  const { exitCode, stderr } = await run("mosquitto_pub", [
    ...where,
    "-t",
    name,
    "-m",
    payload,
    ...flags,
  ]);
  expect([exitCode, stderr]).toEqual([0, ""]);
}

const rowOf = (page: Page, name: string) =>
  page.getByRole("treeitem").filter({ has: page.getByText(name, { exact: true }) });

describeIf(["chromium", "mosquitto_pub", "mosquitto"], "the page of topics", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    const payload = t.Object({ celsius: t.Number() });
    bridge = await startBridge({
      handlers: [on(topic("rooms/{id}/temperature", { payload }), () => {})],
    });
    await send(bridge.mqttPort, "rooms/1/temperature", '{"celsius":21}');
    await send(bridge.mqttPort, "rooms/2/temperature", '{"celsius":22}');
    const by = ["-D", "PUBLISH", "user-property", "by", "Ana"];
    await send(bridge.mqttPort, "doors/front", "open", ...by);
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  test(
    "of the binary says how to publish, and shows what is published then",
    async () => {
      await using binary = await startBinary({ flags: ["--data", ":memory:"] });
      await using opened = await openPage(suite.browser, `${binary.url}/`);
      const { page } = opened;
      const line = page.locator(".checklist code");
      await line.waitFor();
      expect(await line.textContent()).toContain(`-h 127.0.0.1 -p ${binary.mqttPort} `);
      expect(await page.locator(".checklist li.done").count()).toBe(4);
      await send(binary.mqttPort, "hello/world", "42");
      await rowOf(page, "world").filter({ hasText: "42" }).waitFor();
      await page.locator(".checklist").waitFor({ state: "detached" });
      await send(binary.mqttPort, "hello/world", "43");
      const row = rowOf(page, "world").filter({ hasText: "43" });
      await row.locator(".topic-count").getByText("2", { exact: true }).waitFor();
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "has what was published before, and marks what a handler takes",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/`);
      const { page } = opened;
      const mark = page.locator(".handler-mark");
      await mark.nth(1).waitFor();
      expect(await mark.allTextContents()).toEqual(["{celsius: number}", "{celsius: number}"]);
      expect(await rowOf(page, "front").locator(".handler-mark").count()).toBe(0);
      await page
        .locator(".budget")
        .getByText(/^4 topics kept/)
        .waitFor();
      expect(await rowOf(page, "rooms").getAttribute("aria-expanded")).toBe("true");
      expect(await rowOf(page, "rooms").locator(".topic-value").textContent()).toBe(
        "2 topics below",
      );
    },
    TIMEOUT_MS,
  );

  test(
    "is searched by a filter, and by a text in topics, payloads and user properties",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/`);
      const { page } = opened;
      await rowOf(page, "front").waitFor();
      const words = page.locator("#search-words");
      for (const [text, found] of [
        ["rooms/+/temperature", "2 topics match the filter."],
        ["doors/#", "1 topic matches the filter."],
        ["celsius", /^2 topics have it/],
        ["ana", /^1 topic has it/],
      ] as const) {
        await page.locator("[data-search]").fill(text);
        await words.getByText(found).waitFor();
      }
      expect(await page.getByRole("treeitem").allTextContents()).toHaveLength(2);
      await page.locator("[data-search]").fill("no such thing");
      await page.getByRole("button", { name: "Clear the search" }).click();
      await rowOf(page, "rooms").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "is used by the keyboard alone",
    async () => {
      await using opened = await openPage(suite.browser, `${bridge.url}/`);
      const { page } = opened;
      await rowOf(page, "front").waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("rooms");
      await page
        .locator("#search-words")
        .getByText(/^2 topics have it/)
        .waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowDown"); // To the first row, doors.
      const cursor = page.locator(".topic-row.cursor");
      await page.keyboard.press("ArrowLeft");
      expect(await cursor.getAttribute("aria-expanded")).toBe("false");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      const tree = page.locator(".topic-list");
      const active = await tree.getAttribute("aria-activedescendant");
      expect(await page.locator(`#${active} .topic-name`).textContent()).toBe("front");
      await page.keyboard.press("Enter");
      await page.locator(".message-pane").getByText("open").first().waitFor();
      expect(new URL(page.url()).hash).toBe("#/topics/doors%2Ffront");
      expect(await cursor.getAttribute("aria-selected")).toBe("true");
      await page.keyboard.press("Home");
      await page.keyboard.press("End");
      expect(await cursor.locator(".topic-name").textContent()).toBe("status");
    },
    TIMEOUT_MS,
  );

  test(
    "reads what strangers wrote as text",
    async () => {
      await using own = await startBridge();
      await using opened = await openPage(suite.browser, `${own.url}/`);
      await opened.page.locator(".checklist").waitFor();
      const evil = EVIL.replace("/", "");
      await send(own.mqttPort, `evil/${evil}`, EVIL);
      await rowOf(opened.page, evil).first().waitFor();
      await rowOf(opened.page, evil).first().click();
      await opened.page.locator(".message-pane").waitFor();
      expect(await opened.page.locator("img").count()).toBe(0);
      // A mark that turns what follows is seen, in the tree and beside it.
      await send(own.mqttPort, "evil/\u202Ecba", '{"file":"\u202Egpj.exe"}');
      await rowOf(opened.page, "‹U+202E›cba").filter({ hasText: "‹U+202E›gpj.exe" }).click();
      await opened.page.getByRole("heading", { name: "evil/‹U+202E›cba" }).waitFor();
      await opened.page.locator(".json-value", { hasText: "‹U+202E›gpj.exe" }).waitFor();
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows a topic over the tree on a phone, and leads back",
    async () => {
      const hash = "#/topics/rooms%2F1%2Ftemperature";
      await using opened = await openPage(suite.browser, `${bridge.url}/${hash}`, { width: 360 });
      const { page } = opened;
      await page.locator(".message-pane").getByText("celsius").first().waitFor();
      expect(await page.locator(".topic-list").isVisible()).toBe(false);
      await page.getByRole("link", { name: "Back to the topics" }).click();
      await rowOf(page, "front").waitFor();
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(360);
    },
    TIMEOUT_MS,
  );

  test(
    "watches nothing at a broker of somebody else until a filter is entered",
    async () => {
      await using broker = await startMosquitto();
      await using own = await startBridge({
        flags: ["--broker", `mqtt://127.0.0.1:${broker.port}`],
      });
      await using opened = await openPage(suite.browser, `${own.url}/`);
      const { page } = opened;
      const field = page.getByRole("textbox", { name: "Watched filter" });
      await page.locator(".checklist li.wrong").getByText("Enter a filter above").waitFor();
      await field.fill("#");
      await page.getByText("This is all that anybody sends").waitFor();
      await field.fill("rooms/+");
      await page.getByText("This is all that anybody sends").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Watch" }).click();
      await page.locator(".checklist code").getByText(`-p ${broker.port} `).waitFor();
      await send(broker.port, "doors/1", "no");
      await send(broker.port, "rooms/1", "yes");
      await rowOf(page, "1").filter({ hasText: "yes" }).waitFor();
      expect(await page.getByText("no", { exact: true }).count()).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "has a topic whose only message was too long to be sent to it",
    async () => {
      await using own = await startBridge({ flags: ["--stream-bytes-max", "65536"] });
      await using opened = await openPage(suite.browser, `${own.url}/`);
      const { page } = opened;
      await page.locator(".checklist").waitFor();
      await send(own.mqttPort, "long/one", "x".repeat(60_000));
      await page.locator(".budget").getByText("1 missed").waitFor();
      const row = rowOf(page, "one").locator(".topic-count");
      await row.getByText("1", { exact: true }).waitFor();
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
