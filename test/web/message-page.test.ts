// The pane of one topic in a real browser: its payload in each view, its history and chart, and the
// lines to copy.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { type OpenedPage, openPage, type PageOptions } from "../kit/browser.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>";

describeIf("chromium", "the message of a topic", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge();
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  async function publish(topic: string, body: string | Uint8Array<ArrayBuffer>, query = "") {
    const path = topic.split("/").map(encodeURIComponent).join("/");
    const answer = await fetch(`${bridge.url}/topics/${path}${query}`, { method: "PUT", body });
    expect(answer.ok).toBe(true);
  }

  function open(topic: string, options: PageOptions = {}): Promise<OpenedPage> {
    return openPage(suite.browser, `${bridge.url}/#/topics/${encodeURIComponent(topic)}`, options);
  }

  test(
    "is JSON with its digits as they came, and follows what comes",
    async () => {
      await publish("json/a", `{"big":12345678901234567890,"evil":"${EVIL}","n":1}`);
      await using opened = await open("json/a");
      const { page } = opened;
      await row(page, "big: 12345678901234567890").waitFor();
      await row(page, `evil: "${EVIL}"`).waitFor();
      await publish("json/a", '{"big":1.50}');
      await row(page, "big: 1.50").waitFor();
      await page.getByRole("tab", { name: "Changes" }).click();
      await page.locator(".diff .removed", { hasText: "12345678901234567890" }).waitFor();
      await page.locator(".diff .added", { hasText: "1.50" }).waitFor();
      expect(await page.locator(".message-pane img").count()).toBe(0);
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "folds by the keyboard, and puts a number into the chart",
    async () => {
      for (const celsius of [20, 25.5, 22]) {
        await publish("keys/a", JSON.stringify({ room: { celsius }, list: [1] }));
      }
      await using opened = await open("keys/a");
      const { page } = opened;
      const tree = page.getByRole("tree", { name: "the payload as a tree" });
      await row(page, "celsius: 22").waitFor();
      await tree.getByRole("treeitem").first().focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowLeft");
      await row(page, "celsius: 22").waitFor({ state: "detached" });
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Space");
      const chart = page.getByRole("region", { name: "Chart", exact: true });
      await chart.locator("canvas").waitFor();
      const legend = chart.locator(".chart-legend tbody tr").first();
      expect(await legend.locator("th, td").allInnerTexts()).toEqual([
        "room/celsius",
        "22",
        "20",
        "25.5",
        "×",
      ]);
      await publish("keys/a", JSON.stringify({ room: { celsius: 30 } }));
      await legend.locator("td", { hasText: /^30$/ }).first().waitFor();
      await chart.getByText("As a table").click();
      await chart.locator("details tbody td").nth(3).waitFor();
      expect(await chart.locator("details tbody td").allInnerTexts()).toEqual([
        "30",
        "22",
        "25.5",
        "20",
      ]);
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "goes back in time and stays there, until it goes live",
    async () => {
      for (const text of ["one", "two", "three"]) await publish("past/a", text);
      await using opened = await open("past/a");
      const { page } = opened;
      const shown = (text: string) => page.locator(".payload-text", { hasText: text }).waitFor();
      await shown("three");
      await page.locator(".history-row").nth(2).waitFor();
      await page.getByRole("slider", { name: "Time" }).press("ArrowLeft");
      await shown("two");
      await publish("past/a", "four");
      await page.locator(".history-row", { hasText: "four" }).waitFor();
      await shown("two");
      await page.getByRole("button", { name: "Go live" }).click();
      await shown("four");
      await page.locator(".history-row", { hasText: "one" }).click();
      await shown("one");
      await page.getByText("Export", { exact: true }).click();
      await page.getByRole("button", { name: "Until the one shown" }).click();
      await page.getByRole("button", { name: "From the one shown" }).click();
      const link = page.getByRole("link", { name: "NDJSON" });
      const lines = await (await fetch(String(await link.getAttribute("href")))).text();
      expect(lines.split("\n")[0]).toContain('"payload":"one"');
      expect(lines).not.toContain("four");
    },
    TIMEOUT_MS,
  );

  test(
    "shows bytes, images, and properties",
    async () => {
      const user = encodeURIComponent(
        JSON.stringify([
          ["a", EVIL],
          ["a", "2"],
        ]),
      );
      await publish("bytes/a", new Uint8Array([0, 255, 65]), `?user_properties=${user}`);
      await using opened = await open("bytes/a");
      const { page } = opened;
      await page.locator(".hex td", { hasText: "00 ff 41" }).waitFor();
      expect(await page.locator(".properties tbody td").allInnerTexts()).toEqual([EVIL, "2"]);
      const size = 'width="30" height="20"';
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><script>alert(1)</script></svg>`;
      await publish("bytes/a", svg);
      const image = page.locator("img.payload-image");
      await image.waitFor();
      await page.waitForFunction("document.querySelector('img.payload-image').naturalWidth === 30");
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "says that nothing is recorded, and shows what comes",
    async () => {
      await using forgetful = await startBridge({ flags: ["--history", "off"] });
      await using opened = await openPage(suite.browser, `${forgetful.url}/#/topics/a`);
      const { page } = opened;
      await page.getByText("No message has passed on this topic yet.").waitFor();
      await fetch(`${forgetful.url}/topics/a`, { method: "PUT", body: "first" });
      await page.locator(".payload-text", { hasText: "first" }).waitFor();
      await page.getByText("The bridge records no history").waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "is whole, though history and preview are cut",
    async () => {
      const long = `${"x".repeat(80_000)} the end`;
      await publish("long/a", long);
      await using opened = await open("long/a");
      const { page } = opened;
      await page.getByRole("button", { name: "Show 50,000 more" }).click();
      await page.locator(".payload-text", { hasText: "the end" }).waitFor();
      expect(await page.locator(".payload-text").textContent()).toBe(long);
    },
    TIMEOUT_MS,
  );

  test(
    "has lines that send it again",
    async () => {
      await publish("copy/a b", "it's 21");
      await using opened = await open("copy/a b");
      const { page } = opened;
      await page.getByText("Copy as").click();
      const where = `-h 127.0.0.1 -p ${bridge.mqttPort}`;
      const line = `mosquitto_pub ${where} -t 'copy/a b' -q 1 -m 'it'\\''s 21'`;
      await page.locator(".line code", { hasText: where }).waitFor();
      const lines = await page.locator(".copy-lines .line code").allTextContents();
      expect(lines.slice(0, 2)).toEqual([
        line,
        `curl -X PUT --data-raw 'it'\\''s 21' '${bridge.url}/topics/copy/a%20b?qos=1'`,
      ]);
      expect(lines[2]).toContain('topic("copy/a b", { content: "text" })');
    },
    TIMEOUT_MS,
  );

  test.each([360, 1_440])(
    "is no wider than a screen of %d pixels, in Portuguese, light and dark",
    async (width) => {
      await publish("wide/a", JSON.stringify({ ["w".repeat(200)]: "v".repeat(500), n: 1 }));
      for (const colorScheme of ["light", "dark"] as const) {
        await using opened = await open("wide/a", { width, colorScheme });
        const { page } = opened;
        await page.getByRole("combobox", { name: "Language" }).selectOption("pt-BR");
        await page.getByRole("heading", { name: "Histórico" }).waitFor();
        await page.getByLabel("gráfico de n", { exact: true }).check();
        await page.locator(".chart-canvas canvas").waitFor();
        await page.getByText("Copiar como").click();
        await page.getByText("Exportar", { exact: true }).click();
        const wider = await page.evaluate<string[]>(
          "[...document.querySelectorAll('.message-pane, .pane-part')]" +
            ".filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.className)",
        );
        expect(wider).toEqual([]);
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(width);
      }
    },
    TIMEOUT_MS,
  );
});

function row(page: Page, text: string) {
  const [name = "", ...value] = text.split(": ");
  return page
    .locator(".json-line")
    .filter({ has: page.locator(".json-name", { hasText: name }) })
    .filter({ has: page.locator(".json-value", { hasText: value.join(": ") }) });
}
