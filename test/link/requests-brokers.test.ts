// Requests through real brokers: many at once, answered in any order, by devices of both versions.

import { describe, expect, test } from "bun:test";
import type { IClientOptions } from "mqtt";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device, type Received } from "../kit/device.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { openLink, toMessage } from "../kit/open-link.ts";
import { createRandom } from "../kit/random.ts";
import { describeIf } from "../kit/suites.ts";
import { WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

type Setup = AsyncDisposable & { readonly port: number };

const COUNT = 1_000;

async function answer(device: Device, { packet, text }: Received, topic?: string): Promise<void> {
  const { responseTopic = "", correlationData } = packet.properties ?? {};
  await device.client.publishAsync(topic ?? responseTopic, `re ${text}`, {
    qos: 1,
    ...(correlationData && { properties: { correlationData } }),
  });
}

/** Asks so many times at once on `out`; the texts of the replies. */
async function askMany(port: number, replyTopic?: string): Promise<string[]> {
  await using opened = openLink({ ports: [port], origin: "plant" });
  const options = { timeoutMs: WAIT_TIMEOUT_MS, replyTopic };
  const asked = Array.from({ length: COUNT }, (_, at) => {
    return opened.link.request(toMessage(`${at}`), options);
  });
  return (await Promise.all(asked)).map(({ payload }) => String(payload));
}

const EXPECTED = Array.from({ length: COUNT }, (_, at) => `re ${at}`);

function describeRequests(start: () => Promise<Setup>): void {
  for (const replyTopic of [undefined, "back"]) {
    const where = replyTopic ? "a declared topic" : "topics of their own";
    test(`${COUNT} requests at once get their own reply on ${where}, in any order`, async () => {
      await using broker = await start();
      await using device = await connectDevice(broker.port, "plant/out");
      const replied = askMany(broker.port, replyTopic);
      const random = createRandom(1);
      const requests = (await device.waitForCount(COUNT)).map((request) => {
        return { request, place: random.below(1 << 30) };
      });
      requests.sort((one, other) => one.place - other.place);
      await Promise.all(requests.map(({ request }) => answer(device, request)));
      expect(await replied).toEqual(EXPECTED);
    });
  }

  test("a device of MQTT 3.1.1 answers on the declared topic, in order", async () => {
    await using broker = await start();
    const older: IClientOptions = { protocolVersion: 4 };
    await using device = await connectDevice(broker.port, "plant/out", older);
    const replied = askMany(broker.port, "back");
    const requests = await device.waitForCount(COUNT);
    await Promise.all(requests.map((request) => answer(device, request, "plant/back")));
    expect(await replied).toEqual(EXPECTED);
  });

  test("a bridge of MQTT 3.1.1 asks with a declared topic", async () => {
    await using broker = await start();
    await using device = await connectDevice(broker.port, "out");
    await using opened = openLink({ ports: [broker.port], version: 4 });
    const options = { timeoutMs: WAIT_TIMEOUT_MS, replyTopic: "back" };
    for (const text of ["a", "b"]) {
      const replied = opened.link.request(toMessage(text), options);
      await device.waitUntil(() => device.received.at(-1)?.text === text);
      await device.send("back", `re ${text}`);
      expect(String((await replied).payload)).toBe(`re ${text}`);
    }
  });
}

describe("the embedded broker", () => describeRequests(startEmbedded));
describeIf("mosquitto", "Mosquitto", () => describeRequests(startMosquitto));

describeIf("mosquitto", "Mosquitto tells", () => {
  test("that nobody listens", async () => {
    await using broker = await startMosquitto();
    await using opened = openLink({ ports: [broker.port] });
    const asked = opened.link.request(toMessage("a"), { timeoutMs: WAIT_TIMEOUT_MS });
    const code = await asked.catch((error: { code: string }) => error.code);
    expect(code).toBe("nobody_listens");
  });
});
