// The page "Publish" in a real browser: the form of a typed topic, raw messages, questions and
// their replies, repetitions, and what is saved.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { on, t, topic } from "../../src/viaduto.ts";
import { findBarriers } from "../kit/accessibility.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { type OpenedPage, openPage } from "../kit/browser.ts";
import { connectDevice } from "../kit/device.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
/** As a browser tells a page that another tab is looked at. */
const HIDE = `Object.defineProperty(document, "visibilityState", { value: "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));`;
const EVIL = "<img src=x onerror=alert(1)>";

const lamp = topic("lamps/{id}/set", {
  payload: t.Object({
    level: t.Integer({ minimum: 0, maximum: 100, description: EVIL }),
    name: t.Optional(t.String({ minLength: 2 })),
    mode: t.Union([t.Literal("warm"), t.Literal("cold")]),
    colours: t.Array(t.String()),
    action: t.Union([
      t.Object({ kind: t.Literal("fade"), seconds: t.Number() }),
      t.Object({ kind: t.Literal("blink"), times: t.Integer() }),
    ]),
  }),
  reply: t.Object({ done: t.String() }),
});

describeIf("chromium", "the page to publish", () => {
  const suite = useBrowser(TIMEOUT_MS);
  let bridge: Bridge;

  beforeAll(async () => {
    const answer = on(lamp, ({ params }) => ({ done: `${params.id} ${EVIL}` }));
    bridge = await startBridge({ handlers: [answer] });
  }, TIMEOUT_MS);
  afterAll(() => bridge[Symbol.asyncDispose]());

  const open = (rest = "", width = 1_280) => {
    return openPage(suite.browser, `${bridge.url}/#/publish${rest}`, { width });
  };

  test(
    "sends what its form says, once nothing is wrong with it",
    async () => {
      await using device = await connectDevice(bridge.mqttPort, "lamps/#");
      await using opened = await open();
      const { page } = opened;
      await page.getByRole("button", { name: "lamps/{id}/set" }).click();
      await field(page, "level").fill("101");
      await field(page, "level").blur();
      await page.getByText("At most 100.").waitFor();
      await page.getByRole("button", { name: "Send" }).click();
      await page.waitForSelector("[aria-invalid=true]:focus");
      await page.getByText("Not sent: 2 things to correct first.").waitFor();
      expect(device.received).toEqual([]);
      await field(page, "{id}").fill("7");
      await field(page, "level").fill("50");
      await page.getByText("At most 100.").waitFor({ state: "detached" });
      await page.getByRole("combobox", { name: "mode" }).selectOption({ label: "cold" });
      await page.getByRole("button", { name: "+ name" }).click();
      await field(page, "name").fill("ana");
      await page.getByRole("button", { name: "Add an entry" }).click();
      await field(page, "colours 1").fill("red");
      await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "kind: blink" });
      await field(page, "times").fill("3");
      await page.keyboard.press("Control+Enter");
      await page.getByText("Published.").waitFor();
      const [{ topic: to, text } = { topic: "", text: "" }] = await device.waitForCount(1);
      expect([to, JSON.parse(text)]).toEqual([
        "lamps/7/set",
        {
          level: 50,
          mode: "cold",
          colours: ["red"],
          action: { kind: "blink", times: 3 },
          name: "ana",
        },
      ]);
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );

  test(
    "asks, and shows the reply as text",
    async () => {
      await using opened = await open("/lamps%2F3%2Fset");
      const { page } = opened;
      await page.getByRole("button", { name: "Ask", exact: true }).first().click();
      await page.locator("button[type=submit]").click();
      await page.locator(".reply", { hasText: `3 ${EVIL}` }).waitFor();
      await page.getByText(/^Reply after [\d.]+ ms\.$/).waitFor();
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );

  test(
    "shows how long it waits for a reply, and gives up when told",
    async () => {
      await using device = await connectDevice(bridge.mqttPort, "silent");
      await using opened = await open("/silent");
      const { page } = opened;
      await page.getByRole("button", { name: "Ask", exact: true }).first().click();
      await field(page, "Wait for, in seconds").fill("60");
      await page.locator("button[type=submit]").click();
      await page.getByText(/^(?!0\.0)\d+\.\d s of 60 s$/).waitFor();
      const [question] = await device.waitForCount(1);
      expect(question?.packet.properties?.responseTopic).toBeString();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText(/^Cancelled after/).waitFor();
      await field(page, "Wait for, in seconds").fill("0.01");
      await page.locator("button[type=submit]").click();
      await page.getByText("No reply came in time.").waitFor();
      // A browser tells of each answer that is no success.
      expect(opened.problems.join()).toContain("504");
    },
    TIMEOUT_MS,
  );

  test(
    "sends raw text with all its properties, and says that nobody subscribes",
    async () => {
      await using opened = await open("/raw%2Fone");
      const { page } = opened;
      const text = page.locator("textarea");
      await text.fill("{ broken");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("This is no JSON yet.", { exact: false }).waitFor();
      await text.fill('{ "a":1.0 }');
      await page.getByText("MQTT 5 properties").click();
      await field(page, "Content type").fill("text/fancy");
      await field(page, "Expires after, in seconds").fill("90");
      await field(page, "Response topic").fill("back/here");
      await field(page, "Correlation data").fill("c1");
      await page.getByRole("button", { name: "Add a user property" }).click();
      await field(page, "Name of user property 1").fill("who");
      await field(page, "Value of user property 1").fill(EVIL);
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Published, but nobody subscribes.").waitFor();
      await using device = await connectDevice(bridge.mqttPort, "raw/#");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Published.").waitFor();
      const [message] = await device.waitForCount(1);
      expect(message?.text).toBe('{ "a":1.0 }');
      expect(message?.packet.properties).toMatchObject({
        contentType: "text/fancy",
        responseTopic: "back/here",
        correlationData: Buffer.from("c1"),
        userProperties: { who: EVIL },
      });
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );

  test(
    "repeats as often as asked or until it is stopped, and remembers what was written",
    async () => {
      await using device = await connectDevice(bridge.mqttPort, "tick");
      await using opened = await open("/tick");
      const { page } = opened;
      await page.locator("summary", { hasText: "Repeat" }).click();
      await field(page, "Every, in ms").fill("99");
      await page.getByText("100 ms or more.").waitFor();
      expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(true);
      await field(page, "Every, in ms").fill("100");
      await field(page, "How many times").fill("3");
      await page.getByRole("button", { name: "Start" }).click();
      await page.getByText("3 sent · done").waitFor();
      await device.waitForCount(3);
      await field(page, "How many times").fill("");
      await page.getByRole("button", { name: "Start" }).click();
      await device.waitForCount(4);
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText(/^\d+ sent · stopped$/).waitFor();
      await page.getByRole("button", { name: "Start" }).click();
      await page.evaluate(HIDE);
      await page.getByText("stopped: the tab was hidden").waitFor();
      await page.locator("nav a", { hasText: "Topics" }).click();
      await page.waitForSelector("#main[data-page=topics]");
      await page.goBack();
      expect(await page.getByRole("combobox", { name: "Topic" }).inputValue()).toBe("tick");
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );

  test(
    "keeps messages in the browser, and forgets them when told",
    async () => {
      await using opened = await open("/kept");
      const { page } = opened;
      await page.locator("textarea").fill('"mine"');
      await page.getByText("Saved messages").click();
      await field(page, "Name to save it under").fill(EVIL);
      await page.keyboard.press("Enter");
      await page.locator(".saved-list li").waitFor();
      await page.goto(`${bridge.url}/#/publish/other`);
      await page.reload();
      expect(await page.locator("textarea").inputValue()).toBe("");
      await page.locator(".saved-name").click();
      expect(await page.locator("textarea").inputValue()).toBe('"mine"');
      await page.getByRole("button", { name: `Remove ${EVIL}` }).click();
      await page.locator(".saved-list").waitFor({ state: "detached" });
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );

  test.each([360, 1_920])(
    "has no barrier with a form on a screen of %d pixels",
    async (width) => {
      await using opened = await open("/lamps%2F%7Bid%7D%2Fset", width);
      const { page } = opened;
      await page.getByRole("button", { name: "+ name" }).click();
      await page.getByRole("button", { name: "Send" }).click();
      await page.waitForSelector("[aria-invalid=true]:focus");
      await page.getByText("MQTT 5 properties").click();
      expect(await findBarriers(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await expectPeace(opened);
    },
    TIMEOUT_MS,
  );
});

function field(page: Page, name: string) {
  return page.getByRole("textbox", { name, exact: true });
}

// Nothing of what strangers wrote became a part of the page, and nobody else was asked.
async function expectPeace({ page, foreign, problems }: OpenedPage): Promise<void> {
  expect([foreign, problems]).toEqual([[], []]);
  expect(await page.locator("img").count()).toBe(0);
}
