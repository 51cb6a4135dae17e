// `bun scripts/pictures.ts [--folder F]`: the pictures of the explorer in the README, of a bridge
// with a few devices that are really there. Needs Debian's chromium.

import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectAsync, type MqttClient } from "mqtt";
import { type Browser, chromium, type Page } from "playwright-core";
import { openApp } from "../src/app.ts";
import { readSettings } from "../src/config/read.ts";
import { createLogger } from "../src/lib/log.ts";
import { toHandlerSet } from "../src/topics/handler-set.ts";
import { on, t, topic } from "../src/viaduto.ts";
import { findExecutable } from "./debian-parts.ts";

type Picture = {
  readonly name: string;
  readonly hash: string;
  readonly colorScheme: "light" | "dark";
  /** What is done on the page before it is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
};

const SIZE = { width: 1_280, height: 760 };
const BYTES_MAX = 200_000;
const ROOMS = ["attic", "cellar", "hall", "kitchen"];
/** What the devices have told before the first picture, and how often they go on. */
const PAST_STEPS = 120;
const STEP_MS = 100;
/** A page that is shown shall have moved on by then. */
const SETTLE_MS = 2_500;

const PICTURES: readonly Picture[] = [
  {
    name: "topics",
    hash: "#/topics/rooms%2Fattic%2Fclimate",
    colorScheme: "light",
    async prepare(page) {
      for (const box of await page.locator("#main input[type=checkbox]").all()) await box.check();
    },
  },
  {
    name: "flow",
    hash: "#/flow",
    colorScheme: "light",
    prepare: (page) => page.locator("#main a[href^='#/flow/']").first().click(),
  },
  { name: "stage", hash: "#/stage", colorScheme: "dark" },
];

const climate = topic("rooms/{room}/climate", {
  payload: t.Object({ celsius: t.Number(), humidity: t.Number() }),
});
const advice = topic("rooms/{room}/advice", { payload: t.Object({ window: t.String() }) });
const watchClimate = on(climate, async ({ payload, params, publish }) => {
  await publish(advice, params, { window: payload.celsius > 21 ? "open" : "close" });
});

async function run(folder: string): Promise<void> {
  const executablePath = findExecutable("chromium");
  if (executablePath === undefined) throw new Error("chromium is not installed: apt install it");
  const flags = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0", "--data", ":memory:"];
  const { settings } = readSettings({ argv: flags, env: {}, cwd: tmpdir(), isTerminal: false });
  const writer = { write: () => {}, flush: async () => {} };
  const log = createLogger({ name: "", level: "error", format: "text", colour: false, writer });
  await using app = await openApp({ settings, log, handlers: toHandlerSet([watchClimate]) });
  const url = `http://127.0.0.1:${app.httpPort}`;
  const { mqttPort = 0 } = app.listening ?? {};
  const devices = await Promise.all(ROOMS.map((room) => connectDevice(mqttPort, room)));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    let step = 0;
    for (; step < PAST_STEPS; step++) await report(devices, step);
    const isOver = new AbortController();
    const living = (async () => {
      while (!isOver.signal.aborted) await report(devices, step++);
    })();
    for (const picture of PICTURES) await take(browser, url, folder, picture);
    isOver.abort();
    await living;
  } finally {
    await browser.close();
    for (const { client } of devices) await client.endAsync();
  }
}

type Device = { readonly client: MqttClient; readonly room: string };

async function connectDevice(port: number, room: string): Promise<Device> {
  const clientId = `sensor-${room}`;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, protocolVersion: 5 });
  await client.publishAsync(`rooms/${room}/mode`, "eco", { qos: 1, retain: true });
  return { client, room };
}

/** One message of each device: its own climate, and now and then one that is none. */
async function report(devices: readonly Device[], step: number): Promise<void> {
  for (const [at, { client, room }] of devices.entries()) {
    const celsius = Number((18 + at + 3 * Math.sin(step / 9 + at)).toFixed(1));
    const humidity = Math.round(45 + 5 * at + 6 * Math.cos(step / 7 + at));
    const isBroken = room === "cellar" && step % 40 === 39;
    const payload = isBroken ? '{"celsius":"warm"}' : JSON.stringify({ celsius, humidity });
    const properties = { contentType: "application/json", userProperties: { sensor: `s-${at}` } };
    await client.publishAsync(`rooms/${room}/climate`, payload, { qos: 1, properties });
    await sleep(STEP_MS / devices.length);
  }
}

async function take(
  browser: Browser,
  url: string,
  folder: string,
  { name, hash, colorScheme, prepare }: Picture,
): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  await page.goto(`${url}/${hash}`);
  await page.waitForSelector("#main h1");
  await sleep(SETTLE_MS);
  await prepare?.(page);
  await sleep(SETTLE_MS);
  const path = join(folder, `explorer-${name}.png`);
  await page.screenshot({ path });
  await page.close();
  const { size } = await stat(path);
  console.log(`${path}: ${Math.round(size / 1_000)} kB`);
  if (size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`);
}

const { values } = parseArgs({
  options: { folder: { type: "string", default: join(import.meta.dir, "pictures") } },
});
await run(values.folder);
