import { describe, expect, test } from "bun:test";
import { type EventEmitter, once } from "node:events";
import type { Duplex } from "node:stream";
import { connectAsync, MqttClient } from "mqtt";
import { createPipe } from "../../src/broker/pipe.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { publish } from "../kit/messages.ts";

/** Reads until so many bytes have come, or the stream has ended. */
async function read(stream: Duplex, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if (Buffer.concat(chunks).length >= bytes) break;
  }
  return Buffer.concat(chunks);
}

describe("a pipe", () => {
  test("carries bytes both ways, in order", async () => {
    const [near, far] = createPipe();
    for (let at = 0; at < 1_000; at++) {
      near.write(Buffer.of(at & 0xff));
      far.write(`${at},`);
    }
    const numbers = Array.from({ length: 1_000 }, (_, at) => at);
    expect(await read(far, 1_000)).toEqual(Buffer.from(numbers.map((at) => at & 0xff)));
    const text = numbers.map((at) => `${at},`).join("");
    expect((await read(near, text.length)).toString()).toBe(text);
  });

  test("carries megabytes to an end that reads later", async () => {
    const [near, far] = createPipe();
    const bytes = Buffer.alloc(5 << 20, "abc");
    for (let at = 0; at < bytes.length; at += 10_000) near.write(bytes.subarray(at, at + 10_000));
    near.end();
    await once(near, "finish");
    expect(bytes.equals(await read(far, bytes.length))).toBe(true);
  });

  test.each([0, 1] as const)("is closed at both ends when end %p is destroyed", async (at) => {
    const ends = createPipe();
    const closed = Promise.all(ends.map((end) => once(end, "close")));
    const [one, other] = at === 0 ? ends : ends.toReversed();
    other?.resume();
    one?.write("last words");
    one?.destroy();
    await closed;
    expect(ends.every((end) => end.destroyed)).toBe(true);
  });

  test.each([0, 1] as const)("tells of its end when end %p is ended", async (at) => {
    const ends = createPipe();
    const [one, other] = at === 0 ? ends : ends.toReversed();
    one?.write("last words");
    one?.end();
    expect(String(other && (await read(other, Number.POSITIVE_INFINITY)))).toBe("last words");
  });

  test("gives the last words to an end that reads after the close", async () => {
    const [near, far] = createPipe();
    near.write("last words");
    near.destroy();
    await once(near, "close");
    expect(String(await read(far, Number.POSITIVE_INFINITY))).toBe("last words");
    expect(far.destroyed).toBe(true);
  });

  test("takes what is written after its close without an error", async () => {
    const [near, far] = createPipe();
    near.resume();
    far.destroy();
    await once(near, "close");
    near.write("nobody reads this");
    far.write("nor this");
    await new Promise(setImmediate);
    expect(near.destroyed).toBe(true);
  });
});

/** The first event of this name; mqtt.js' type is no EventEmitter for `once`. */
const firstOf = (client: MqttClient, name: string) => once(client as unknown as EventEmitter, name);

describe("the broker's way in for its own process", () => {
  const connect = async (open: () => Duplex) => {
    const client = new MqttClient(open, {
      clientId: "inside",
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    await firstOf(client, "connect");
    return client;
  };

  test("serves a client beside those from outside", async () => {
    await using broker = await startEmbedded();
    const inside = await connect(() => broker.broker.connect());
    const outside = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    await inside.subscribeAsync("to/inside", { qos: 1 });
    await outside.subscribeAsync("to/outside", { qos: 1 });
    const payload = Buffer.alloc(900_000, "x");
    for (const [sender, receiver, topic] of [
      [inside, outside, "to/outside"],
      [outside, inside, "to/inside"],
    ] as const) {
      const message = firstOf(receiver, "message");
      await sender.publishAsync(topic, payload, { qos: 1 });
      expect(payload.equals((await message)[1])).toBe(true);
    }
    await Promise.all([inside.endAsync(), outside.endAsync()]);
    await broker.waitForLog(/'inside' left/);
    expect(broker.broker.connectionCount).toBeLessThanOrEqual(1); // It is none from outside.
  });

  test("is closed when its client sends nonsense, and nobody else is", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    const stream = broker.broker.connect();
    stream.resume();
    stream.write("GET / HTTP/1.1\r\n\r\n");
    await once(stream, "close");
    await broker.waitForLog(/a connection was closed: Invalid protocol/);
    await witness.check();
  });

  test("keeps its client id, whoever comes with it from outside", async () => {
    await using broker = await startEmbedded();
    const inside = await connect(() => broker.broker.connect());
    await inside.subscribeAsync("a");
    await expect(broker.connect("inside")).rejects.toThrow("CONNACK says 135");
    const message = firstOf(inside, "message");
    await using outside = await broker.connect("outside");
    await publish(outside, "a", { payload: "still there" });
    expect(String((await message)[1])).toBe("still there");
    await inside.endAsync();
  });

  test("is closed when the broker closes", async () => {
    const broker = await startEmbedded();
    const inside = await connect(() => broker.broker.connect());
    await inside.subscribeAsync("a"); // The broker is ready a little after its CONNACK.
    const closed = firstOf(inside, "close");
    const disconnected = firstOf(inside, "disconnect");
    await broker[Symbol.asyncDispose]();
    expect((await disconnected)[0].reasonCode).toBe(0x8b);
    await closed;
  });
});
