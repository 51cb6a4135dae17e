// Nonsense over many connections at once, against a broker in a process of its own, where an
// uncaught error is seen as its end. FUZZ_SECONDS runs it for longer, FUZZ_SEED runs one again.

import { expect, test } from "bun:test";
import { type BrokerChild, startBrokerProcess } from "../kit/broker-process.ts";
import { fuzz } from "../kit/fuzzer.ts";
import { payloadsOf, publish, subscribe } from "../kit/messages.ts";
import { createSeed } from "../kit/random.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

const seconds = Number(process.env.FUZZ_SECONDS ?? 5);
const seed = Number(process.env.FUZZ_SEED ?? createSeed());
const MIB = 1 << 20;
/** Connections that have not said CONNECT may stay for as long as the broker waits for it. */
const CLOSE_MS = 10_000;

async function expectServed(broker: BrokerChild) {
  await using client = await connectRaw(broker.port);
  client.sendPacket(connectPacket(5, "afterwards"));
  await client.next("connack");
  await subscribe(client, "after/wards");
  await publish(client, "after/wards", { payload: "served" });
  expect(payloadsOf([await client.next("publish")])).toEqual(["served"]);
}

test(
  `${seconds} s of nonsense neither end the broker nor leave anything behind`,
  async () => {
    await using broker = await startBrokerProcess();
    const before = await broker.measure();
    const { connections, bytes } = await fuzz({ ...broker, seed, seconds }).catch((cause) => {
      const lines = broker.process.lines.slice(-40).join("\n");
      throw new Error(`FUZZ_SEED=${seed} ended the broker:\n${lines}`, { cause });
    });
    await expectServed(broker);
    const deadline = performance.now() + CLOSE_MS;
    let after = await broker.measure();
    while (after.connections > 0 && performance.now() < deadline) after = await broker.measure();
    console.log(
      `FUZZ_SEED=${seed}: ${seconds} s, ${connections} connections, ` +
        `${(bytes / MIB).toFixed(1)} MiB, rss ${Math.round(before.rssBytes / MIB)} -> ` +
        `${Math.round(after.rssBytes / MIB)} MiB`,
    );
    expect({ seed, left: after.connections, stderr: broker.process.stderr() }).toEqual({
      seed,
      left: 0,
      stderr: "",
    });
  },
  (seconds + 30) * 1_000,
);
