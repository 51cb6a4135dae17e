// The page "Handlers" in a real browser: figures, what failed and where, and dead letters.

import { expect, test } from "bun:test";
import { makeFolder } from "../handlers/folder-maker.ts";
import { findBarriers } from "../kit/accessibility.ts";
import { startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>";
const LONG_WORD = "cold".repeat(40);
const BRITTLE = `import { on, t, topic } from "viaduto";
const rooms = topic("rooms/{id}", { payload: t.Number() });
export default on(rooms, ({ payload }) => {
  if (payload < 0) throw new Error("too cold ${EVIL} ${LONG_WORD}");
});
`;
const BROKEN = `export default on(;\n`;

describeIf("chromium", "the page of handlers", () => {
  const suite = useBrowser(TIMEOUT_MS);

  test(
    "says how to write the first one",
    async () => {
      await using bridge = await startBridge({ handlers: [] });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/handlers`);
      const { page } = opened;
      await page.getByRole("heading", { name: "No handler yet" }).waitFor();
      const lines = await page.locator(".first-handler .line code").allInnerTexts();
      expect(lines).toEqual(["viaduto init demo", "cd demo && viaduto --watch"]);
      await page.getByRole("heading", { name: "0 dead letters" }).waitFor();
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows figures, the line that failed, and files that do not load",
    async () => {
      await using made = makeFolder({ "brittle.ts": BRITTLE });
      await using bridge = await startBridge({ flags: ["--handlers", made.path, "--watch"] });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/handlers`);
      const { page } = opened;
      const row = page.locator(".handler-table tr", { hasText: "brittle.ts" });
      await row.waitFor();
      await fetch(`${bridge.url}/topics/rooms/1`, { method: "PUT", body: "1" });
      await fetch(`${bridge.url}/topics/rooms/2`, { method: "PUT", body: "-1" });
      const failure = page.locator(".last-failure", { hasText: "brittle.ts:4:" });
      await failure.waitFor();
      expect(await failure.textContent()).toContain(EVIL);
      await row.locator("[data-name=Handled]", { hasText: "1" }).waitFor();
      expect(await row.locator("[data-name=Failed]").textContent()).toBe("1");
      const publish = row.getByRole("link", { name: "Publish" });
      expect(await publish.getAttribute("href")).toBe("#/publish/rooms%2F%7Bid%7D");
      const tree = row.getByRole("link", { name: "See in the tree" });
      expect(await tree.getAttribute("href")).toBe("#/topics/rooms");
      await failure.getByRole("link", { name: "See its flow" }).click();
      await page.locator(".story h2", { hasText: "rooms/2" }).waitFor();
      await page.goBack();
      made.write({ "broken.ts": BROKEN });
      await page.locator(".load-failures", { hasText: "broken.ts:1:19" }).waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "sends dead letters again and deletes them, for good at the second press",
    async () => {
      await using made = makeFolder({ "brittle.ts": BRITTLE });
      await using bridge = await startBridge({ flags: ["--handlers", made.path, "--watch"] });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/handlers`);
      const { page } = opened;
      for (const id of [1, 2, 3]) {
        await fetch(`${bridge.url}/topics/rooms/${id}`, { method: "PUT", body: "-1" });
      }
      await page.getByRole("heading", { name: "3 dead letters" }).waitFor();
      const letter = page.locator(".letter-list li", { hasText: "rooms/3" });
      await letter.getByRole("button", { name: "Delete" }).click();
      await letter.getByRole("button", { name: "Really delete?" }).click();
      await page.getByRole("heading", { name: "2 dead letters" }).waitFor();
      await page.getByRole("button", { name: "Send again all of" }).click();
      await page.getByRole("alert").getByText("Failed again: 2.").waitFor();
      const again = page.locator(".letter-list").getByRole("button", { name: "Send again" }).last();
      await again.click();
      const notice = page.locator(".notice.bad").last();
      await notice.getByText(LONG_WORD).waitFor();
      // A word without end pushes nothing out of the notice.
      const outer = await notice.boundingBox();
      const inner = await notice.getByRole("button").boundingBox();
      const right = (box: typeof outer) => (box ? box.x + box.width : 0);
      expect(right(inner)).toBeGreaterThan(0);
      expect(right(inner)).toBeLessThan(right(outer));
      await notice.getByRole("button").click();
      made.write({ "brittle.ts": BRITTLE.replace("< 0", "< -9") });
      await bridge.waitForLine(/loaded brittle\.ts again/);
      await again.click();
      await page.getByRole("heading", { name: "1 dead letter" }).waitFor();
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByRole("dialog").getByText("Where it failed").click();
      await page.getByRole("dialog").getByText("brittle.ts:4").first().waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Really delete?" }).click();
      await page.getByText("The letter is deleted.").last().waitFor();
      expect(await (await fetch(`${bridge.url}/dead-letters`)).json()).toMatchObject({ total: 0 });
      // A browser tells of each answer that is no success.
      const problems = opened.problems.filter((text) => !text.includes("/redrive"));
      expect([opened.foreign, problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test.each([360, 1_920])(
    "is no wider than a screen of %d pixels, and without barriers",
    async (width) => {
      await using made = makeFolder({ "brittle.ts": BRITTLE.replace("{id}", "a".repeat(90)) });
      await using bridge = await startBridge({ flags: ["--handlers", made.path] });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/handlers`, { width });
      const path = `rooms/${"a".repeat(90)}`;
      await fetch(`${bridge.url}/topics/${path}`, { method: "PUT", body: "-1" });
      await opened.page.locator(".last-failure").waitFor();
      await opened.page.locator(".letter-list li").waitFor();
      const wide = "document.querySelector('main').scrollWidth";
      expect(await opened.page.evaluate<number>(wide)).toBe(width);
      expect(await findBarriers(opened.page)).toEqual([]);
      await opened.page.getByRole("combobox", { name: "Theme" }).selectOption("dark");
      await opened.page.getByRole("button", { name: "Show" }).click();
      await opened.page.getByRole("dialog").getByText("Where it failed").waitFor();
      expect(await findBarriers(opened.page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
