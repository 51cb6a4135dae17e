// TLS and WebSocket towards the broker, with certificates that are right and wrong.

import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { type BrokerProcess, startMosquitto } from "../kit/brokers.ts";
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from "../kit/certificates.ts";
import { describeIf } from "../kit/suites.ts";

type SecureBroker = AsyncDisposable & { readonly mosquitto: BrokerProcess; readonly ca: string };

async function startSecure(): Promise<SecureBroker> {
  const directory = await mkdtemp(join(tmpdir(), "viaduto-tls-"));
  const files = { "ca.pem": AUTHORITY, "server.pem": SERVER_CERTIFICATE, "server.key": SERVER_KEY };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const extra = [
    `certfile ${join(directory, "server.pem")}`,
    `keyfile ${join(directory, "server.key")}`,
  ];
  const mosquitto = await startMosquitto({ extra });
  return {
    mosquitto,
    ca: join(directory, "ca.pem"),
    async [Symbol.asyncDispose]() {
      await mosquitto[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function expectAnswer(bridge: Bridge): Promise<void> {
  await bridge.app.link.connected();
  const body = "x".repeat(200_000);
  const sent = await fetch(`${bridge.url}/topics/large`, { method: "PUT", body });
  expect(sent.status).toBe(202);
}

describeIf("mosquitto", "TLS to Mosquitto", () => {
  test("with the authority given, by name and by address", async () => {
    await using secure = await startSecure();
    for (const host of ["localhost", "127.0.0.1"]) {
      const broker = `mqtts://${host}:${secure.mosquitto.port}`;
      await using bridge = await startBridge({ flags: ["--broker", broker, "--ca", secure.ca] });
      await expectAnswer(bridge);
    }
  });

  test("without the authority is refused in words; --insecure takes the danger", async () => {
    await using secure = await startSecure();
    const broker = ["--broker", `mqtts://localhost:${secure.mosquitto.port}`];
    await using wary = await startBridge({ flags: broker });
    const line = await wary.waitForLine(/WARN - TLS with mqtts:\/\/localhost:\d+ failed/);
    expect(line).toContain("--ca");
    await using careless = await startBridge({ flags: [...broker, "--insecure"] });
    await expectAnswer(careless);
  });

  test("plain MQTT to a TLS port is told in words", async () => {
    await using secure = await startSecure();
    const flags = ["--broker", `mqtt://localhost:${secure.mosquitto.port}`];
    await using bridge = await startBridge({ flags });
    await bridge.waitForLine(
      /WARN - .*closed the connection without a reason.*TLS on a plain port/,
    );
  });

  test("a file that is not there stops the start", async () => {
    const flags = ["--broker", "mqtts://localhost:1", "--ca", "/no/such/file.pem"];
    const failed = await startBridge({ flags }).catch((error) => error);
    expect(failed).toMatchObject({ code: "file_unreadable", exitCode: 2 });
  });
});

describeIf("mosquitto", "MQTT over WebSocket to Mosquitto", () => {
  test("at its WebSocket port", async () => {
    await using mosquitto = await startMosquitto({ websocket: true });
    const flags = ["--broker", `ws://127.0.0.1:${mosquitto.wsPort}/mqtt`];
    await using bridge = await startBridge({ flags });
    await bridge.app.link.connected();
    const sent = await fetch(`${bridge.url}/topics/small`, { method: "PUT", body: "x" });
    expect(sent.status).toBe(202);
  });

  test("to a port that speaks something else is told in words", async () => {
    await using http = {
      server: Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hi") }),
      async [Symbol.asyncDispose]() {
        await this.server.stop(true);
      },
    };
    const flags = ["--broker", `ws://127.0.0.1:${http.server.port}/mqtt`];
    await using bridge = await startBridge({ flags });
    await bridge.waitForLine(/WARN - ws:\/\/127\.0\.0\.1:\d+ cannot be reached/);
  });
});
