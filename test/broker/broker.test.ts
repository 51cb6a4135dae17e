import { expect, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { connectRaw } from "../kit/raw-client.ts";

const failureOf = (opening: Promise<unknown>): Promise<ViadutoError> => {
  return opening.then(
    () => expect.unreachable(),
    (error) => error,
  );
};

test("a port that is taken is said with its number and the ways out", async () => {
  await using first = await startEmbedded();
  const error = await failureOf(startEmbedded({ mqttPort: first.port }));
  expect(error).toBeInstanceOf(ViadutoError);
  expect(error.code).toBe("port_taken");
  expect(error.message).toContain(`port ${first.port} on 127.0.0.1 is taken`);
  expect(error.hint).toContain("--mqtt-port 0");

  const { code, hint } = await failureOf(startEmbedded({ wsPort: first.wsPort }));
  expect([code, hint.includes("--ws-port 0")]).toEqual(["port_taken", true]);
});

test("an address that is not this machine's is said", async () => {
  const error = await failureOf(startEmbedded({ host: "192.0.2.1" }));
  expect(error.code).toBe("address_unavailable");
});

test("without a port for WebSocket there is none", async () => {
  await using broker = await startEmbedded({ wsPort: "off" });
  await using witness = await connectWitness(broker);
  await witness.check();
  expect(broker.wsPort).toBe(0);
});

test("closing tells every client, and leaves no connection open", async () => {
  const broker = await startEmbedded();
  const five = await broker.connect("five");
  const four = await broker.connect("four", { version: 4 });
  const silent = await connectRaw(broker.port);
  await broker.waitForConnections(3);
  await broker.waitForLog(/'four' connected/); // CONNACK is sent a little before.
  await broker[Symbol.asyncDispose]();
  expect((await five.next("disconnect")).reasonCode).toBe(0x8b);
  await Promise.all([five.closed, four.closed, silent.closed]);
  expect(four.packets.map(({ cmd }) => cmd)).toEqual(["connack"]);
  await expect(connectRaw(broker.port)).rejects.toThrow("ECONNREFUSED");
  await broker[Symbol.asyncDispose]();
  await broker.broker[Symbol.asyncDispose]();
});

test("when the doors are closed, who is inside stays", async () => {
  await using broker = await startEmbedded();
  await using stack = new AsyncDisposableStack();
  const second = stack.use(await broker.broker.listen());
  await using client = await connectRaw(second.mqttPort);
  await broker.waitForConnections(1);
  await second[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await expect(connectRaw(second.mqttPort)).rejects.toThrow("ECONNREFUSED");
  client.send("c0 00"); // Before CONNECT: an answer of the broker, if only its close.
  await client.closed;
  await broker.waitForLog(/Invalid protocol/);
});
