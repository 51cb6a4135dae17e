// What the guard says to a connection that it refuses, byte by byte: in the version that was asked
// for, and only what that version has a code for.

import { describe, expect, test } from "bun:test";
import { openGuarded } from "../kit/guarded-connection.ts";
import { connectBytes, field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";

const CONNECT = connectBytes({ clientId: "guarded" });
const PING = packetBytes(0xc0);

describe("sizes", () => {
  const large = (bytes: number) => connectBytes({ clientId: "x".repeat(bytes) });

  test("a CONNECT over the limit is refused by its length alone, in MQTT 5 with 0x95", async () => {
    await using guarded = await openGuarded({ connectBytesMax: 1_000 });
    guarded.send(large(2_000).subarray(0, 14));
    await guarded.closed;
    expect(guarded.bytes()).toBe("2003009500");
    expect(guarded.errors).toEqual(["packet too large"]);
  });

  test("a CONNECT within it is taken, and a larger packet behind it too", async () => {
    await using guarded = await openGuarded({ connectBytesMax: 1_000 });
    guarded.send(
      large(900),
      packetBytes(0x32, field("a"), integer16(1), propertyList(), Buffer.alloc(5_000)),
    );
    await guarded.waitForPacket("puback");
  });

  test("128 KiB are the limit of CONNECT when none is given", async () => {
    await using guarded = await openGuarded();
    guarded.send(Buffer.from("1081800800044d515454040200", "hex")); // One byte more.
    await guarded.closed;
    expect(guarded.errors).toEqual(["packet too large"]);
  });

  test("topics and filters have limits of their own", async () => {
    for (const [bytes, code] of [
      [packetBytes(0x30, field("x".repeat(11)), propertyList()), "90"],
      [packetBytes(0x30, field("a/b/c"), propertyList()), "90"],
      [packetBytes(0x82, integer16(1), propertyList(), field("a/b/#"), [0]), "8f"],
    ] as const) {
      await using guarded = await openGuarded({ topicBytesMax: 10, topicLevelsMax: 2 });
      guarded.send(CONNECT);
      await guarded.waitForPacket("connack");
      guarded.send(bytes);
      await guarded.closed;
      expect(guarded.bytes()).toEndWith(`e001${code}`);
    }
  });
});

describe("what depends on the connection", () => {
  const session = (seconds: number) => [0x11, 0, 0, 0, seconds];
  test.each([
    ["a topic alias above the maximum", packetBytes(0x30, field("a"), [3, 0x23, 0, 11]), "94"],
    ["a topic alias that was never set", packetBytes(0x30, field(""), [3, 0x23, 0, 9]), "94"],
    ["a session kept after all", packetBytes(0xe0, [0], propertyList(session(1))), "82"],
    ["a second CONNECT", CONNECT, "82"],
  ])("%s is refused", async (_name, bytes, code) => {
    await using guarded = await openGuarded();
    guarded.send(CONNECT);
    await guarded.waitForPacket("connack");
    guarded.send(bytes);
    await guarded.closed;
    expect(guarded.sent.at(-1)).toMatchObject({
      cmd: "disconnect",
      reasonCode: Number(`0x${code}`),
    });
  });

  test("the highest topic alias is taken", async () => {
    await using guarded = await openGuarded();
    guarded.send(CONNECT, packetBytes(0x32, field("a"), integer16(1), [3, 0x23, 0, 10]));
    await guarded.waitForPacket("puback");
  });

  test("a DISCONNECT is no error, whatever CONNECT said", async () => {
    await using guarded = await openGuarded();
    guarded.send(CONNECT, packetBytes(0xe0));
    await guarded.closed;
    expect(guarded.sent.map(({ cmd }) => cmd)).toEqual(["connack"]);
    expect(guarded.errors).toEqual([]);
  });

  test("a session that was kept may be kept longer", async () => {
    await using guarded = await openGuarded();
    guarded.send(connectBytes({ clientId: "kept", properties: session(1) }));
    await guarded.waitForPacket("connack");
    guarded.send(packetBytes(0xe0, [0], propertyList(session(9))));
    await guarded.closed;
    expect(guarded.sent.map(({ cmd }) => cmd)).toEqual(["connack"]);
    expect(guarded.errors).toEqual([]);
  });
});

describe("a CONNECT that is refused is answered in its version:", () => {
  const head = (name: string, version: number) =>
    packetBytes(0x10, field(name), [version, 2, 0, 60], field("x"));
  test.each([
    ["with return code 1 for version 6", head("MQTT", 6), "20020001"],
    ["with return code 1 for version 2", head("MQIsdp", 2), "20020001"],
    [
      "with return code 2 for no client id",
      connectBytes({ version: 4, flags: 0, clientId: "" }),
      "20020002",
    ],
    ["with 0x84 for version 5 under the old name", head("MQIsdp", 5), "2003008400"],
    ["with 0x81 for a malformed one", connectBytes({ flags: 0x03 }), "2003008100"],
    ["with nothing in MQTT 3.1.1", connectBytes({ version: 4, flags: 0x03 }), ""],
    ["with nothing in another protocol", head("HTTP", 4), ""],
    [
      "with nothing when no answer is small enough",
      connectBytes({ properties: [0x27, 0, 0, 0, 4] }),
      "",
    ],
    ["with nothing for another packet", PING, ""],
    ["with nothing for a request of HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), ""],
  ])("%s", async (_name, bytes, answer) => {
    await using guarded = await openGuarded();
    guarded.send(bytes);
    await guarded.closed;
    expect(guarded.bytes()).toBe(answer);
    expect(guarded.errors).toHaveLength(1);
  });
});

test("MQTT 3.1 may set the bits that it does not use", async () => {
  await using guarded = await openGuarded();
  const connect = connectBytes({ version: 3, flags: 0x03, clientId: "old" });
  connect[0] = 0x14;
  const subscribe = packetBytes(0x8a, integer16(7), field("a"), [0]);
  guarded.send(connect, subscribe);
  await guarded.waitForPacket("suback");
  guarded.send(packetBytes(0xc8));
  await guarded.waitForPacket("pingresp");
  guarded.send(packetBytes(0x33, field("b"), integer16(9), "x"));
  await guarded.waitForPacket("puback");
  expect(guarded.bytes()).toBe("200200009003000700d00040020009");
});
