// One way through the explorer of the compiled binary, as the host of a workshop goes it: a device
// publishes, its message is found and charted, a form answers it, and the stage shows it all.

import { expect, test } from "bun:test";
import { connectAsync } from "mqtt";
import { startBinary } from "../kit/bridge.ts";
import { openPage, startBrowser } from "../kit/browser.ts";
import { describeIf } from "../kit/suites.ts";

const TIMEOUT_MS = 90_000;

describeIf("chromium", "the explorer of the binary", () => {
  test(
    "shows a device and its chart, sends by form, deletes and undoes, and has it on the stage",
    async () => {
      await using started = await startBrowser();
      await using binary = await startBinary({ flags: ["--data", ":memory:"] });
      const device = await connectAsync(`mqtt://127.0.0.1:${binary.mqttPort}`);
      const tell = (celsius: number) => {
        return device.publishAsync("rooms/attic", JSON.stringify({ celsius }), { qos: 1 });
      };
      await using opened = await openPage(started.browser, `${binary.url}/`);
      const { page } = opened;
      const goTo = (hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);

      await tell(20);
      await page.getByRole("button", { name: "Open all" }).click();
      await page.getByRole("treeitem", { name: /attic/ }).click();
      await tell(25.5);
      await page.getByText("History").waitFor();
      await page.getByText('{"celsius":25.5}').first().waitFor();
      await page.locator("#main input[type=checkbox]").first().check();
      await page.locator("#main canvas").waitFor();

      await goTo("#/publish/devices%2Fupdate");
      await page.getByLabel("device_id").fill("sensor-1");
      await page.getByText("MQTT 5 properties").click();
      await page.getByLabel("Expires after, in seconds").fill("1.5");
      await page.locator("[aria-invalid=true]").first().waitFor();
      await page.getByLabel("Expires after, in seconds").fill("60");
      await page.locator("[aria-invalid=true]").first().waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Send" }).click();
      await binary.process.waitForLine(/devices\/update\/status\/\d+ <- .*sensor-1/);

      await goTo("#/flow");
      await page.locator("#main", { hasText: "devices/update" }).waitFor();

      await device.publishAsync("rooms/mode", "eco", { qos: 1, retain: true });
      await goTo("#/retained");
      const remove = page.getByRole("button", { name: "Delete rooms/mode" });
      await remove.click();
      await page.locator("dialog[open] .danger").click();
      await remove.waitFor({ state: "detached" });
      await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
      await remove.waitFor();

      await goTo("#/stage");
      await page.waitForSelector(".stage-head .connection.good");
      await tell(30);
      await page.locator(".stage-card", { hasText: "rooms/attic" }).first().waitFor();
      await device.endAsync();
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );
});
