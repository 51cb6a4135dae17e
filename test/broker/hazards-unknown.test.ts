// Hazards by those whom nobody knows yet: connections that say nothing, too little, too slowly or
// too much before they have logged in. The other hazards are listed in hazards.test.ts.

import { expect, test } from "bun:test";
import { Duplex } from "node:stream";
import type { LoginResult } from "../../src/access/access.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { publish } from "../kit/messages.ts";
import { connectBytes, field, packetBytes } from "../kit/packet-bytes.ts";
import { connectRaw } from "../kit/raw-client.ts";

const KIB = 1 << 10;
const CHUNK_BYTES = 64 * KIB;
const PEER = { address: "192.0.2.1:1", host: "192.0.2.1", door: "tcp" } as const;

/** A peer that sends these bytes, and then more of them for as long as it is read. */
function createFlood(first: Uint8Array, more: () => Uint8Array) {
  const state = { sentBytes: 0 };
  const closed = Promise.withResolvers<void>();
  const stream = new Duplex({
    read() {
      const bytes = state.sentBytes === 0 ? first : more();
      state.sentBytes += bytes.length;
      // As a socket does it: what is asked for comes later.
      setImmediate(() => stream.push(bytes));
    },
    write(_bytes, _encoding, done) {
      done();
    },
  });
  stream.on("error", () => {}); // The close is what is waited for.
  stream.on("close", closed.resolve);
  return { stream, state, closed: closed.promise };
}

test("hundreds of connections that say nothing are all closed when their time is up", async () => {
  await using broker = await startEmbedded({ connectTimeoutMs: 500 });
  await using witness = await connectWitness(broker);
  const silent = await Promise.all(Array.from({ length: 500 }, () => connectRaw(broker.port)));
  await witness.check();
  await Promise.all(silent.map(({ closed }) => closed));
  await broker.waitForConnections(1);
  await witness.check();
});

test("a CONNECT that drips byte by byte has no more time than one that is not sent", async () => {
  await using broker = await startEmbedded({ connectTimeoutMs: 200 });
  await using witness = await connectWitness(broker);
  await using slow = await connectRaw(broker.port);
  const bytes = connectBytes({ clientId: "x".repeat(10_000) });
  let at = 0;
  const drip = setInterval(() => slow.send(bytes.subarray(at, ++at)), 10);
  await slow.closed.finally(() => clearInterval(drip));
  expect(at).toBeLessThan(bytes.length);
  await broker.waitForLog(/connect did not arrive in time/);
  await witness.check();
});

test("of a CONNECT that claims 200 MB hardly more than its head is read", async () => {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  const head = Buffer.from("1080c2d75f00044d51545405", "hex"); // 200,000,000 bytes to come.
  const { stream, state, closed } = createFlood(head, () => Buffer.alloc(CHUNK_BYTES));
  broker.broker.accept(stream, PEER);
  await closed;
  expect(state.sentBytes).toBeLessThan(4 * CHUNK_BYTES);
  await broker.waitForLog(/packet too large/);
  await witness.check();
});

test("what is sent while a login takes its time is not read, and then all of it is", async () => {
  const login = Promise.withResolvers<LoginResult>();
  const asked = Promise.withResolvers<void>();
  await using broker = await startEmbedded({
    access: {
      login({ clientId }) {
        if (clientId !== "slow") return Promise.resolve({ isGranted: true, username: clientId });
        asked.resolve();
        return login.promise;
      },
      findWithdrawal: () => undefined,
      onPasswordsRead: () => ({ [Symbol.dispose]() {} }),
      permissionsOf: () => undefined,
      reload: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
  });
  await using witness = await connectWitness(broker);
  const message = packetBytes(0x30, field("a"), Buffer.alloc(CHUNK_BYTES));
  const connect = connectBytes({ version: 4, clientId: "slow" });
  const { stream, state } = createFlood(connect, () => message);
  broker.broker.accept(stream, PEER);
  await asked.promise;
  for (let turn = 0; turn < 50; turn++) await witness.check();
  expect(state.sentBytes).toBeLessThan(4 * CHUNK_BYTES);
  expect(broker.published.filter(({ topic }) => topic === "a")).toEqual([]);
  login.resolve({ isGranted: true, username: "slow" });
  await broker.waitForLog(/client 'slow' connected/);
  while (broker.published.filter(({ topic }) => topic === "a").length < 20) await witness.check();
  stream.destroy();
});

test("one address has a limit of connections; others go on, and loopback has none", async () => {
  await using broker = await startEmbedded({ connectionsPerAddressMax: 3 });
  await using witness = await connectWitness(broker);
  const accept = (host: string) => {
    const stream = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
    stream.on("error", () => {});
    broker.broker.accept(stream, { ...PEER, address: `${host}:1`, host });
    return stream;
  };
  const one = Array.from({ length: 5 }, () => accept("192.0.2.1"));
  const other = Array.from({ length: 3 }, () => accept("2001:db8::1"));
  expect(one.map(({ destroyed }) => destroyed)).toEqual([false, false, false, true, true]);
  expect(other.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  await broker.waitForLog(/WARN - refused 192\.0\.2\.1:1: 3 connections of its address/);
  const own = await Promise.all(["a", "b", "c", "d"].map((id) => broker.connect(id)));
  for (const client of own) await publish(client, "a");
  one[0]?.destroy();
  await broker.waitForConnections(1 + 2 + 3 + own.length);
  expect(accept("192.0.2.1").destroyed).toBe(false);
  for (const client of own) await client[Symbol.asyncDispose]();
  await witness.check();
});
