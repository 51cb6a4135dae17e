// The options of what the bridge listens on, and of its embedded broker.

import { describe, expect, test } from "bun:test";
import { failFrom, readFrom } from "./settings-reader.ts";

describe("TLS of the embedded broker", () => {
  const certificate = ["--tls-cert", "c.pem", "--tls-key", "k.pem"];

  test("has its ports when a certificate is given, and none otherwise", () => {
    expect(readFrom().settings).toMatchObject({ tlsPort: "off", wssPort: "off" });
    expect(readFrom({ argv: certificate }).settings).toMatchObject({
      tlsPort: 8883,
      wssPort: 8884,
    });
    const { settings } = readFrom({ argv: [...certificate, "--tls-port=0", "--wss-port=off"] });
    expect(settings).toMatchObject({ tlsPort: 0, wssPort: "off" });
    expect(readFrom({ argv: ["--tls-port=off"] }).settings.tlsPort).toBe("off");
  });

  test.each([
    [["--tls-cert", "c.pem"], "--tls-cert", "--tls-key"],
    [["--tls-key", "k.pem"], "--tls-key", "--tls-cert"],
    [["--tls-ca", "ca.pem"], "--tls-ca", "--tls-cert"],
    [["--tls-port", "8883"], "--tls-port", "--tls-cert"],
    [["--wss-port", "0"], "--wss-port", "--tls-cert"],
  ])("%j alone is refused", (argv, given, missing) => {
    const { code, exitCode, message, hint } = failFrom({ argv });
    expect([code, exitCode]).toEqual(["tls_incomplete", 2]);
    expect(message).toBe(`${given} is given without ${missing}`);
    expect(hint).toContain(`add ${missing} (BROKER_TLS_`);
  });

  test("names what was given as it was given", () => {
    const { message } = failFrom({ env: { BROKER_TLS_CA: "ca.pem" } });
    expect(message).toBe("BROKER_TLS_CA is given without --tls-cert");
  });
});

test("--lan listens everywhere, unless it is told where", () => {
  expect(readFrom({ argv: ["--lan"] }).settings.host).toBe("0.0.0.0");
  expect(readFrom({ argv: ["--lan"], env: { HOST: "10.0.0.1" } }).settings.host).toBe("10.0.0.1");
  expect(readFrom({ argv: ["--lan", "--host", "127.0.0.1"] }).settings.host).toBe("127.0.0.1");
  expect(readFrom({ env: { BROKER_LAN: "0" } }).settings.host).toBe("127.0.0.1");
});

test("the limits of the embedded broker have the defaults of the README", () => {
  expect(readFrom().settings).toMatchObject({
    durability: "full",
    connectionsPerAddressMax: 1000,
    topicLevelsMax: 100,
    topicBytesMax: 4096,
    subscriptionsPerClientMax: 10_000,
    inflightMessagesMax: 1000,
    receiveMax: 1000,
    queueMessagesMax: 100_000,
    queueBytesMax: 64 << 20,
    queueFull: "drop",
    retainedMessagesMax: 100_000,
    retainedBytesMax: 256 << 20,
    sessionsMax: 10_000,
    sessionHoursMax: 168,
    keepaliveSecondsMax: 65_535,
    topicAliasesMax: 10,
    clientMessagesPerSecondMax: 100_000,
    sysIntervalSeconds: 10,
  });
});
