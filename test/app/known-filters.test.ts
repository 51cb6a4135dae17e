// A bridge that starts again with other handlers, on a session that knows the old ones.

import { expect, test } from "bun:test";
import { type AnyHandler, on } from "../../src/topics/handler.ts";
import { topic } from "../../src/topics/topic.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { connectDevice } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

/** A handler that tells what it was called with, and a way to wait for a text. */
function createListener(pattern: string) {
  const texts: string[] = [];
  const changes = createChanges();
  const handler = on(topic(pattern, { content: "text" }), ({ payload }) => {
    texts.push(payload);
    changes.announce();
  });
  const waitFor = (text: string) =>
    changes.wait(
      () => texts.includes(text) || undefined,
      WAIT_TIMEOUT_MS,
      () => new Error(`no ${text} in ${texts}`),
    );
  return { handler: handler as AnyHandler, texts, waitFor };
}

describeIf("mosquitto", "a bridge that starts again", () => {
  for (const version of ["5", "4"]) {
    async function startOnce(
      place: { port: number; data: string },
      handlers: readonly AnyHandler[],
      flags: readonly string[] = [],
    ): Promise<Bridge> {
      const broker = ["--broker", `mqtt://127.0.0.1:${place.port}`, "--mqtt-version", version];
      const own = ["--client-id", "same", "--data", place.data, "--will", "off"];
      const bridge = await startBridge({ flags: [...broker, ...own, ...flags], handlers });
      await bridge.app.link.connected();
      return bridge;
    }

    test(`over MQTT ${version} calls a wider handler once for each message`, async () => {
      await using mosquitto = await startMosquitto();
      await using folder = await makeFolder();
      const place = { port: mosquitto.port, data: folder.path };
      const [narrow, wide] = [createListener("a/+"), createListener("a/#")];
      await (await startOnce(place, [narrow.handler]))[Symbol.asyncDispose]();
      await using device = await connectDevice(mosquitto.port);
      await using bridge = await startOnce(place, [wide.handler]);
      await bridge.waitForLine(/session resumed/);
      for (const text of ["one", "two", "last"]) await device.send("a/x", text);
      await wide.waitFor("last");
      expect(wide.texts).toEqual(["one", "two", "last"]);
    });

    test(`over MQTT ${version} gets nothing more for a handler that is gone`, async () => {
      await using mosquitto = await startMosquitto();
      await using folder = await makeFolder();
      const place = { port: mosquitto.port, data: folder.path };
      const [gone, kept] = [createListener("gone"), createListener("kept")];
      await (await startOnce(place, [gone.handler, kept.handler]))[Symbol.asyncDispose]();
      await using device = await connectDevice(mosquitto.port);
      await using bridge = await startOnce(place, [kept.handler]);
      for (const name of ["gone", "kept"]) await device.send(name, "x");
      await kept.waitFor("x");
      const statusOf = async (name: string) => (await fetch(`${bridge.url}/topics/${name}`)).status;
      expect([await statusOf("gone"), await statusOf("kept")]).toEqual([404, 200]);
    });

    test(`over MQTT ${version} leaves the group it had by another name, or none`, async () => {
      await using mosquitto = await startMosquitto();
      await using folder = await makeFolder();
      const place = { port: mosquitto.port, data: folder.path };
      const listener = createListener("a/+");
      for (const flags of [["--group", "one"], ["--group", "two"], []]) {
        await using device = await connectDevice(mosquitto.port);
        await using _bridge = await startOnce(place, [listener.handler], flags);
        const name = flags[1] ?? "none";
        for (const text of [name, `last of ${name}`]) await device.send("a/x", text);
        await listener.waitFor(`last of ${name}`);
      }
      const names = ["one", "two", "none"];
      expect(listener.texts).toEqual(names.flatMap((name) => [name, `last of ${name}`]));
    });
  }
});
