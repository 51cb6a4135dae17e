// User properties reach their receivers in the order and number in which they came
// [MQTT-3.3.2-17], [MQTT-3.3.2-18]: also when a name comes twice, is a number, or has no value.

import { describe, expect, test } from "bun:test";
import { connect as connectSocket } from "node:net";
import { generate } from "mqtt-packet";
import { copyProperties } from "../../src/broker/property-bytes.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { makeDataFolder } from "../kit/kept-broker.ts";
import { field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";
import { connectPacket } from "../kit/raw-client.ts";

const user = (name: string, value: string) => [0x26, ...field(name), ...field(value)];
const USER = [user("a", ""), user("2", "x"), user("a", "é"), user("1", "y"), user("a", "")];
const EXPIRY = [0x02, 0, 0, 1, 0];
const ALIAS = [0x23, 0, 1];
const CORRELATION = [0x09, 0, 2, 0, 255];

function toFrame(qos: 0 | 1, ...properties: number[][]): Buffer {
  const identifier = qos > 0 ? [integer16(7)] : [];
  const list = propertyList(properties.flat());
  return packetBytes(0x30 | (qos << 1), field("t"), ...identifier, list, Buffer.from("payload"));
}

describe("the properties of a PUBLISH", () => {
  test.each([0, 1] as const)("with QoS %p are copied in order, but for ours", (qos) => {
    const frame = toFrame(qos, EXPIRY, ...USER, ALIAS, CORRELATION, [0x01, 1]);
    const expected = Buffer.from([...USER.flat(), ...CORRELATION, 0x01, 1]);
    expect(copyProperties(frame).toString("hex")).toBe(expected.toString("hex"));
  });
});

/** A subscriber that keeps the bytes it gets, as they are. */
async function watchBytes(port: number, properties: object = {}) {
  const socket = connectSocket({ port, host: "127.0.0.1" });
  let bytes = Buffer.alloc(0);
  const wanted = { text: Buffer.alloc(0), resolve: () => {} };
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.includes(wanted.text)) wanted.resolve();
  });
  const options = { protocolVersion: 5 };
  socket.write(generate(connectPacket(5, "watcher", { clean: false, ...properties }), options));
  const subscriptions = [{ topic: "t", qos: 1 as const }];
  socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions }, options));
  return {
    /** Resolves when these bytes have come. */
    waitFor: (text: Buffer) =>
      new Promise<void>((resolve) => {
        Object.assign(wanted, { text, resolve });
        if (bytes.includes(text)) resolve();
      }),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

const SUBACK = Buffer.from("900400010001", "hex");
const EXPECTED = Buffer.from(USER.flat());

test("go through the broker as they came", async () => {
  await using broker = await startEmbedded();
  using watcher = await watchBytes(broker.port);
  await watcher.waitFor(SUBACK);
  await using publisher = await broker.connect("publisher");
  publisher.send(toFrame(1, ...USER));
  await publisher.next("puback");
  await watcher.waitFor(EXPECTED);
});

test("and over a restart", async () => {
  await using data = makeDataFolder();
  const session = { properties: { sessionExpiryInterval: 600 } };
  {
    await using broker = await data.start();
    {
      using watcher = await watchBytes(broker.port, session);
      await watcher.waitFor(SUBACK);
    }
    await broker.waitForLog(/'watcher'.* (left|gone)/);
    await using publisher = await broker.connect("publisher");
    publisher.send(toFrame(1, ...USER));
    await publisher.next("puback");
  }
  await using broker = await data.start();
  using watcher = await watchBytes(broker.port, session);
  await watcher.waitFor(EXPECTED);
});
