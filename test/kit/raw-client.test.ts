import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { findFreePort } from "../../scripts/free-port.ts";
import { startMosquitto } from "./brokers.ts";
import { connectPacket, connectRaw } from "./raw-client.ts";
import { describeIf } from "./suites.ts";

describeIf("mosquitto", "the raw client", () => {
  test("connects in every version of the protocol", async () => {
    await using broker = await startMosquitto();
    for (const version of [3, 4, 5] as const) {
      await using client = await connectRaw(broker.port, { version });
      client.sendPacket(connectPacket(version, `kit-${version}`));
      const connack = await client.next("connack");
      expect(connack.returnCode ?? connack.reasonCode).toBe(0);
    }
  });

  test("takes packets by kind and leaves the others for later", async () => {
    await using broker = await startMosquitto();
    await using client = await connectRaw(broker.port);
    client.sendPacket(connectPacket(5, "kit"));
    expect((await client.next()).cmd).toBe("connack");
    client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 0 }] });
    client.send("30 04 00 01 61 00"); // PUBLISH, QoS 0, topic "a", no properties: three parts…
    client.send(new Uint8Array([0xc0, 0x00])); // …and a PINGREQ.
    expect((await client.next("pingresp")).cmd).toBe("pingresp");
    expect((await client.next("publish")).topic).toBe("a");
    expect((await client.next("suback")).granted).toEqual([0]);
    expect(client.packets).toHaveLength(4);
  });

  test("tells when the broker hangs up", async () => {
    await using broker = await startMosquitto();
    await using client = await connectRaw(broker.port);
    client.send("c0 00"); // [MQTT-3.1.0-1] the first packet must be a CONNECT.
    await client.closed;
    await expect(client.next()).rejects.toThrow("no packet came");
  });
});

test("the raw client refuses a port where nobody listens, and text that is no bytes", async () => {
  await expect(connectRaw(await findFreePort())).rejects.toThrow("ECONNREFUSED");
  const server = createServer().listen(0, "127.0.0.1");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  await using client = await connectRaw(address.port);
  expect(() => client.send("c0 0")).toThrow("not hexadecimal");
  server.close();
});

test("the raw client says so when what comes is not MQTT", async () => {
  const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  server.listen(0, "127.0.0.1");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  await using client = await connectRaw(address.port);
  await expect(client.next("connack")).rejects.toThrow("not MQTT");
  await client.closed;
  server.close();
});
