// The embedded broker as a process of its own, for tests that measure it or may break it.
// The first lines are its program; `startBrokerProcess` is what tests call.

import { openBroker } from "../../src/broker/broker.ts";
import { createLineWriter } from "../../src/lib/line-writer.ts";
import { createLogger } from "../../src/lib/log.ts";
import { type BrokerTestOptions, toTestOptions } from "./broker-settings.ts";
import { type RunningProcess, spawnProcess } from "./processes.ts";
import { connectPacket, connectRaw, type RawClient } from "./raw-client.ts";

export type BrokerChild = AsyncDisposable & {
  readonly port: number;
  readonly wsPort: number;
  readonly process: RunningProcess;
  /** A client of MQTT 5, connected over TCP. */
  connect(clientId: string): Promise<RawClient>;
  /** What it says of itself now. */
  measure(): Promise<{ readonly rssBytes: number; readonly connections: number }>;
};

type Options = BrokerTestOptions;

export async function startBrokerProcess(options: Options = {}): Promise<BrokerChild> {
  const args = [import.meta.path, JSON.stringify(options)];
  const child = spawnProcess(process.execPath, args);
  const [, port, wsPort] = await child.waitForLine(/^listening (\d+) (\d+)$/);
  return {
    port: Number(port),
    wsPort: Number(wsPort),
    process: child,
    async connect(clientId) {
      const client = await connectRaw(Number(port));
      client.sendPacket(connectPacket(5, clientId));
      await client.next("connack");
      return client;
    },
    async measure() {
      const from = child.lines.length;
      child.write("measure\n");
      const [, rss, connections] = await child.waitForLine(/^rss (\d+) connections (\d+)$/, {
        from,
      });
      return { rssBytes: Number(rss), connections: Number(connections) };
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function serve(options: Options): Promise<void> {
  // Bun only prints these while a top-level await is open; here they are what is looked for.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      console.error(`${event}:`, error);
      process.exit(70);
    });
  }
  const writer = createLineWriter(process.stderr);
  const log = createLogger({
    name: "Broker",
    level: "error",
    format: "text",
    colour: false,
    writer,
  });
  await using broker = await openBroker({
    ...toTestOptions({ connectTimeoutMs: 5_000, ...options, log }),
  });
  await using listening = await broker.listen();
  console.log(`listening ${listening.mqttPort} ${listening.wsPort}`);
  for await (const _line of console) {
    Bun.gc(true);
    console.log(`rss ${process.memoryUsage().rss} connections ${broker.connectionCount}`);
  }
}

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? "{}") as Options);
