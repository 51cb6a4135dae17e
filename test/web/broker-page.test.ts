// The page "Broker" in a real browser: figures, limits and clients of the embedded broker; how the
// bridge stands with an external one.

import { expect, test } from "bun:test";
import { findFreePort } from "../../scripts/free-port.ts";
import { startBinary, startBridge } from "../kit/bridge.ts";
import { openPage } from "../kit/browser.ts";
import { connectDevice } from "../kit/device.ts";
import { useBrowser } from "../kit/suite-browser.ts";
import { describeIf } from "../kit/suites.ts";
import { openTokenBridge } from "../kit/token-bridge.ts";

/** A browser starts slowly on a busy machine. */
const TIMEOUT_MS = 30_000;
const EVIL = "<img src=x onerror=alert(1)>/../%2F";

describeIf("chromium", "the page 'Broker'", () => {
  const suite = useBrowser(TIMEOUT_MS);

  test(
    "of the binary shows figures, limits and addresses, and asks nobody else for anything",
    async () => {
      await using binary = await startBinary({ flags: ["--data", ":memory:"] });
      await using opened = await openPage(suite.browser, `${binary.url}/#/broker`);
      const { page } = opened;
      await page.locator(".tile", { hasText: "Messages in" }).getByText("/s").waitFor();
      expect(await page.locator(".tile").count()).toBe(10);
      const bar = page.locator(".limits li[title='--retained-messages-max']");
      expect(await bar.textContent()).toMatch(/of 100,000/);
      expect(await page.locator(".addresses").textContent()).toContain(`:${binary.mqttPort}`);
      await page.getByText("Nobody is connected").waitFor();
      expect([opened.foreign, opened.problems]).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  test(
    "finds a client, shows it whole, and disconnects it after a question",
    async () => {
      await using bridge = await startBridge();
      const options = { clientId: EVIL, protocolVersion: 5 } as const;
      await using evil = await connectDevice(bridge.mqttPort, "rooms/+/light", options);
      await using _other = await connectDevice(bridge.mqttPort, "doors/#", { clientId: "door-7" });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`);
      const { page } = opened;
      await page.locator(".clients tbody tr").nth(1).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("ROOMS/");
      await page.locator(".clients tbody tr").nth(1).waitFor({ state: "detached" });
      expect(await page.locator(".clients .id").allInnerTexts()).toEqual([EVIL]);
      await page.locator(".clients .id").click();
      const dialog = page.locator("dialog[open]");
      await dialog.getByText("rooms/+/light").waitFor();
      await dialog.getByRole("button", { name: "Disconnect" }).click();
      await dialog.getByText("Its session stays").waitFor();
      const left = new Promise((resolve) => evil.client.once("disconnect", resolve));
      await dialog.getByRole("button", { name: "Disconnect" }).click();
      expect(await left).toMatchObject({ reasonCode: 0x98 });
      await page.getByText("is disconnected.").waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "sorts clients by what a column has",
    async () => {
      await using bridge = await startBridge();
      await using _two = await connectDevice(bridge.mqttPort, "a/#", { clientId: "c-2" });
      await using _ten = await connectDevice(bridge.mqttPort, "a/#", { clientId: "c-10" });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`);
      const { page } = opened;
      const ids = page.locator(".clients .id");
      await ids.nth(1).waitFor();
      expect(await ids.allInnerTexts()).toEqual(["c-10", "c-2"]);
      await page.getByRole("button", { name: "Client id" }).click();
      await page.locator("th[aria-sort=ascending]").waitFor();
      expect(await ids.allInnerTexts()).toEqual(["c-2", "c-10"]);
    },
    TIMEOUT_MS,
  );

  test(
    "without the right says so, and shows the figures all the same",
    async () => {
      await using guarded = await openTokenBridge("token look look\nread\n");
      await using opened = await openPage(
        suite.browser,
        `${guarded.bridge.url}/?token=look#/broker`,
      );
      const { page } = opened;
      await page.goto(`${guarded.bridge.url}/#/broker`);
      await page.getByText("may not see clients").waitFor();
      await page.locator(".tile").first().waitFor();
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "tells why there is no external broker, and what to look at",
    async () => {
      const port = await findFreePort();
      const broker = `mqtt://127.0.0.1:${port}`;
      await using bridge = await startBridge({ flags: ["--broker", broker] });
      await bridge.waitForLine(/trying again/);
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`);
      const { page } = opened;
      await page.locator(".failure", { hasText: `nothing listens at ${broker}` }).waitFor();
      expect(await page.locator(".checks li").count()).toBe(5);
      const line = page.locator(".checks .line code");
      expect(await line.textContent()).toBe(`mosquitto_sub -h 127.0.0.1 -p ${port} -t '#' -C 1 -v`);
      await page.getByRole("combobox").first().selectOption("pt-BR");
      await page.locator(".failure", { hasText: "Ninguém escuta no endereço" }).waitFor();
      expect(opened.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows an external broker's capabilities, and the filters there",
    async () => {
      await using other = await startBridge();
      const broker = `mqtt://127.0.0.1:${other.mqttPort}`;
      await using bridge = await startBridge({ flags: ["--broker", broker] });
      await bridge.app.link.connected();
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`);
      const { page } = opened;
      await page.locator(".fact-list", { hasText: "Highest QoS" }).waitFor();
      expect(await page.locator(".addresses").first().textContent()).toContain("devices/update");
    },
    TIMEOUT_MS,
  );

  test(
    "is no wider than a phone, and speaks Portuguese",
    async () => {
      await using bridge = await startBridge();
      await using _device = await connectDevice(bridge.mqttPort, "a/#", {
        clientId: "x".repeat(90),
      });
      await using opened = await openPage(suite.browser, `${bridge.url}/#/broker`, { width: 360 });
      const { page } = opened;
      await page.locator(".clients tbody tr").waitFor();
      await page.getByRole("combobox").first().selectOption("pt-BR");
      await page.getByText("Quem está conectado").waitFor();
      const main = page.locator("main");
      expect(await main.evaluate((element) => element.scrollWidth)).toBe(360);
    },
    TIMEOUT_MS,
  );
});
