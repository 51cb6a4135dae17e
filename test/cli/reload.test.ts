// SIGHUP to the compiled binary: certificates that were renewed hold, without a restart.

import { expect, test } from "bun:test";
import { kill } from "node:process";
import { type BinaryBridge, startBinary } from "../kit/bridge.ts";
import { connectMqtts, connectTls, makeTlsFolder, type TlsFolder } from "../kit/tls-files.ts";

type SecureBinary = { readonly bridge: BinaryBridge; readonly port: number };

async function startSecure({ cert, key }: TlsFolder): Promise<SecureBinary> {
  const files = ["--tls-cert", cert, "--tls-key", key, "--tls-port", "0", "--wss-port", "0"];
  const bridge = await startBinary({ flags: files });
  const [, port] = await bridge.process.waitForLine(/^ {2}TLS +mqtts:\/\/127\.0\.0\.1:(\d+) +wss:/);
  return { bridge, port: Number(port) };
}

async function readIssuer(port: number): Promise<unknown> {
  const socket = await connectTls(port);
  const { issuer } = socket.getPeerCertificate();
  socket.destroy();
  return issuer.CN;
}

test("SIGHUP reads the certificates again; what is connected stays", async () => {
  await using files = await makeTlsFolder();
  const { bridge, port } = await startSecure(files);
  await using _ = bridge;
  const device = await connectMqtts(port);
  expect(await readIssuer(port)).toBe("viaduto test CA");
  await files.renew();
  kill(bridge.process.pid, "SIGHUP");
  await bridge.process.waitForLine(/INFO - read the certificates again/);
  expect(await readIssuer(port)).toBe("viaduto test clients");
  expect(device.destroyed).toBe(false);
  device.destroy();
  await bridge.process.kill("SIGTERM");
  expect(await bridge.process.ended).toBe(0);
});

test("what cannot be read changes nothing, and is told", async () => {
  await using files = await makeTlsFolder();
  const { bridge, port } = await startSecure(files);
  await using _ = bridge;
  await files.renew("no certificate");
  kill(bridge.process.pid, "SIGHUP");
  await bridge.process.waitForLine(/ERROR - .*server\.pem cannot be read/);
  expect(await readIssuer(port)).toBe("viaduto test CA");
});

test("without TLS there is nothing to read, and SIGHUP ends nobody", async () => {
  await using bridge = await startBinary();
  kill(bridge.process.pid, "SIGHUP");
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200);
});
