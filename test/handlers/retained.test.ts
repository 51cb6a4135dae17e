// Which retained messages a handler is given: at each start, once for a new subscription, or never.

import { expect, test } from "bun:test";
import { on, topic } from "../../src/topics/language.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const MODES = ["send", "new", "ignore"] as const;

function createHandlers() {
  const seen: string[] = [];
  const changes = createChanges();
  const handlers = MODES.map((retained) =>
    on(
      topic("lights/{name}", { content: "text" }),
      ({ payload, message }) => {
        seen.push(`${retained} ${payload}${message.retain ? " retained" : ""}`);
        changes.announce();
      },
      { retained },
    ),
  );
  const waitFor = (...expected: string[]) =>
    changes.wait(
      () => (expected.every((line) => seen.includes(line)) ? seen : undefined),
      WAIT_TIMEOUT_MS,
      () => new Error(`seen: ${seen}`),
    );
  return { handlers, seen, waitFor };
}

describeIf("mosquitto", "retained messages", () => {
  test("come as each handler asks, at the first start and at the next", async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.port);
    await device.send("lights/hall", "on", { retain: true });
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--client-id", "lights"];
    {
      const { handlers, seen, waitFor } = createHandlers();
      await using _bridge = await startBridge({ flags, handlers });
      await waitFor("send on retained", "new on retained");
      await device.send("lights/hall", "off", { retain: true });
      await waitFor("send off", "new off", "ignore off");
      expect(seen).toHaveLength(5);
    }
    // The broker knows the session, and with it the subscription.
    const { handlers, seen, waitFor } = createHandlers();
    await using _bridge = await startBridge({ flags, handlers });
    await waitFor("send off retained");
    await device.send("lights/hall", "on");
    await waitFor("send on", "new on", "ignore on");
    expect(seen.filter((line) => line.endsWith("retained"))).toEqual(["send off retained"]);
  });
});
