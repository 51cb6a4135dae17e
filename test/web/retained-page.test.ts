// The page "Retained" in a real browser: list, delete one or a subtree with count and question, and
// the way back.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Bridge, startBinary, startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";
import { openTokenBridge } from "../kit/token-bridge.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "rooms/<img src=x onerror=alert(1)>";

type Where = { readonly url: string };
type Listed = { readonly messages: readonly Readonly<Record<string, unknown>>[] };

async function retain({ url }: Where, messages: Readonly<Record<string, unknown>>[]) {
  const body = messages.map((message) => JSON.stringify(message)).join("\n");
  const answer = await fetch(`${url}/retained`, { method: "POST", body });
  expect(await answer.json()).toMatchObject({ restored: messages.length });
}

async function list({ url }: Where, filter: string) {
  const path = `${url}/retained?filter=${encodeURIComponent(filter)}`;
  const { messages } = (await (await fetch(path)).json()) as Listed;
  // The time is that of the publish, which putting back is.
  return messages.map(({ at: _, ...message }) => message);
}

const rows = (page: Page) => page.locator(".retained-list li");
const toHash = (filter: string) => `#/retained/${encodeURIComponent(filter)}`;

describeIf("chromium", "the page 'Retained'", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({ flags: ["--will", "off"] });
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  test(
    "of the binary lists what is retained, as text, and asks nobody else for anything",
    async () => {
      await using binary = await startBinary({ flags: ["--data", ":memory:", "--will", "off"] });
      await retain(binary, [{ topic: EVIL, payload: "<b>21</b>", qos: 1 }]);
      await using opened = await openPage(suite.browser, `${binary.url}/#/retained`);
      const { page } = opened;
      await page.getByText(EVIL).waitFor();
      expect(await rows(page).locator(".payload").allInnerTexts()).toEqual(["<b>21</b>"]);
      expect(await page.locator("img").count()).toBe(0);
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "deletes a subtree after it has counted and asked, and puts it back whole",
    async () => {
      const bytes = Buffer.from([0, 255, 254]).toString("base64");
      await retain(bridge, [
        { topic: "sub/a", payload: bytes, payload_encoding: "base64", qos: 2 },
        { topic: "sub/b/c", payload: "x", properties: { user_properties: { k: ["1", "2"] } } },
        { topic: "subway", payload: "stays" },
      ]);
      const before = await list(bridge, "#");
      await using opened = await openPage(suite.browser, `${bridge.url}/${toHash("sub/#")}`);
      const { page } = opened;
      await rows(page).nth(1).waitFor();
      const deleteAll = page.getByRole("button", { name: "Delete all of these" });
      // Another filter is typed, and what is deleted would be another than what it says.
      await page.locator("[data-search]").fill("sub/a");
      await deleteAll.waitFor({ state: "detached" });
      await page.locator("[data-search]").fill("sub/#");
      await deleteAll.click();
      const dialog = page.locator("dialog[open]");
      await dialog.getByText("2 messages of sub/# will be deleted.").waitFor();
      expect(await dialog.locator(".examples li").allInnerTexts()).toEqual(["sub/a", "sub/b/c"]);
      expect(await list(bridge, "sub/#")).toHaveLength(2);
      await dialog.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByText("Nothing is retained below sub/#.").waitFor();
      expect(await list(bridge, "#")).toEqual(before.filter(({ topic }) => topic === "subway"));
      await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
      await rows(page).nth(1).waitFor();
      expect(await list(bridge, "#")).toEqual(before);
      await page.locator(".undo-list").waitFor({ state: "detached" });
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "deletes one, and what has come since then stays when it is undone",
    async () => {
      await retain(bridge, [
        { topic: "one/a", payload: "old" },
        { topic: "one/b", payload: "b" },
      ]);
      await using opened = await openPage(suite.browser, `${bridge.url}/${toHash("one/#")}`);
      const { page } = opened;
      await page.getByRole("button", { name: "Delete one/a" }).click();
      await page.locator("dialog[open]").getByText("1 message of one/a").waitFor();
      await page.locator("dialog[open] .danger").click();
      await rows(page).nth(1).waitFor({ state: "detached" });
      expect(await list(bridge, "one/#")).toMatchObject([{ topic: "one/b" }]);
      await retain(bridge, [{ topic: "one/a", payload: "new" }]);
      await page.locator(".undo-list").getByRole("button", { name: "Undo" }).click();
      await page.getByText("1 have a newer message by now").waitFor();
      expect(await list(bridge, "one/a")).toMatchObject([{ payload: "new" }]);
    },
    TIMEOUT_MS,
  );

  test(
    "cancelled, or closed by Escape, deletes nothing",
    async () => {
      await retain(bridge, [{ topic: "keep/me", payload: "1" }]);
      await using opened = await openPage(suite.browser, `${bridge.url}/${toHash("keep/#")}`);
      const { page } = opened;
      await page.getByRole("button", { name: "Delete keep/me" }).click();
      await page.locator("dialog[open]").getByRole("button", { name: "Cancel" }).click();
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Delete keep/me" }).click();
      await page.locator("dialog[open] .danger").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      expect(await list(bridge, "keep/#")).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  test(
    "shows one whole, with its properties and the filters above it",
    async () => {
      const properties = { content_type: "text/x" };
      await retain(bridge, [{ topic: "whole/a/b", payload: "z".repeat(1_000), properties }]);
      await using opened = await openPage(suite.browser, `${bridge.url}/${toHash("whole/#")}`);
      const { page } = opened;
      await page.getByRole("button", { name: "Details of whole/a/b" }).click();
      const dialog = page.locator("dialog[open]");
      await dialog.getByText("z".repeat(1_000)).waitFor();
      await dialog.getByText('"content_type": "text/x"').waitFor();
      await dialog.getByRole("link", { name: "whole/#" }).waitFor();
      await dialog.getByRole("link", { name: "whole/a/#" }).click();
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      await page.locator(".retained-form input").waitFor();
      expect(await page.locator(".retained-form input").inputValue()).toBe("whole/a/#");
    },
    TIMEOUT_MS,
  );

  test(
    "has few of many rows in the page, and reads on at the end",
    async () => {
      await using crowded = await startBridge({ flags: ["--will", "off"] });
      const many = Array.from({ length: 1_500 }, (_, at) => {
        return { topic: `many/${String(at).padStart(4, "0")}`, payload: "1" };
      });
      await retain(crowded, many);
      await using opened = await openPage(suite.browser, `${crowded.url}/#/retained`, {
        width: 360,
      });
      const { page } = opened;
      await page.getByText("1,500 messages, 1,000 of them read so far").waitFor();
      expect(await rows(page).count()).toBeLessThan(60);
      const scroller = page.locator(".retained-list .scroller");
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.locator(".retained-page p[role=status]:text-is('1,500 messages')").waitFor();
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.getByText("many/1499").waitFor();
      expect(await rows(page).count()).toBeLessThan(60);
      const main = page.locator("main");
      expect(await main.evaluate((element) => element.scrollWidth)).toBe(360);
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "without the right to delete offers no way to",
    async () => {
      await using guarded = await openTokenBridge("token look look\nread\n");
      await using opened = await openPage(suite.browser, `${guarded.bridge.url}/?token=look`);
      const { page } = opened;
      await page.goto(`${guarded.bridge.url}/#/retained`);
      await page.getByText("may look, but not delete").waitFor();
      await rows(page).first().waitFor();
      expect(await page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "reads nothing of an external broker before it is asked to, and says what it may lack",
    async () => {
      const broker = `mqtt://127.0.0.1:${bridge.mqttPort}`;
      await using external = await startBridge({ flags: ["--broker", broker] });
      await external.app.link.connected();
      await retain(bridge, [{ topic: "far/a", payload: "1" }]);
      await using opened = await openPage(suite.browser, `${external.url}/#/retained`);
      const { page } = opened;
      await page.getByText("a broker of somebody else").waitFor();
      expect(await rows(page).count()).toBe(0);
      await page.locator(".retained-form input").fill("far/#");
      await page.keyboard.press("Enter");
      await page.getByText("The broker does not say which message is the last").waitFor();
      expect(await rows(page).locator(".topic").allInnerTexts()).toEqual(["far/a"]);
    },
    TIMEOUT_MS,
  );
});
