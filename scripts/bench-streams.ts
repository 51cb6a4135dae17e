// `bun run bench:streams`: many readers of server-sent events at the compiled binary, with
// Mosquitto as its broker or the embedded one: alone, beside a reader that stalls, and over a
// restart of the broker. Linux only. `--help` tells the flags.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectAsync, type MqttClient } from "mqtt";
import { startBinary } from "../test/kit/bridge.ts";
import { startMosquitto } from "../test/kit/brokers.ts";
import { provideBinary } from "./bench/binary.ts";
import { describeMachine, toMachineLine } from "./bench/machine.ts";
import { readCpuMs, readRssMegabytes } from "./bench/proc.ts";
import { openReporter } from "./bench/reporter.ts";
import type { ReaderReport } from "./bench/stream-readers.ts";
import { align } from "./bench/table.ts";

const HELP = `bun run bench:streams [flags]

  --readers N     readers of server-sent events (200)
  --rate N        messages in a second (1000)
  --seconds S     length of the part without a stalled reader (15)
  --stall S       length of the part beside one (60)
  --payload N     bytes of a payload (200)
  --embedded      with the embedded broker; no restart then
  --binary FILE   viaduto's binary (dist/viaduto, built when older than src)
`;
const number = (value: string) => ({ type: "string", default: value }) as const;
const { values } = parseArgs({
  options: {
    readers: number("200"),
    rate: number("1000"),
    seconds: number("15"),
    stall: number("60"),
    payload: number("200"),
    embedded: { type: "boolean", default: false },
    binary: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const TICK_MS = 10;
const WARM_UP_MS = 5_000;

type Row = { readonly name: string; readonly report: ReaderReport; readonly seconds: number } & {
  readonly cpu: number;
  readonly rss: readonly number[];
};

async function run(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  console.log(toMachineLine(describeMachine()));
  const binary = await provideBinary(values.binary, directory, console.error);
  const broker = values.embedded ? undefined : stack.use(await startMosquitto());
  const away = broker ? ["--broker", `mqtt://127.0.0.1:${broker.port}`] : [];
  const flags = [...away, "--streams-per-caller-max", "1000"];
  const bridge = stack.use(await startBinary({ binary, flags }));
  const { pid } = bridge.process;
  const httpPort = Number(new URL(bridge.url).port);
  const args = [String(httpPort), values.readers];
  const readers = stack.use(await openReporter<ReaderReport>("stream-readers.ts", args));
  const client = await connectAsync({ port: broker?.port ?? bridge.mqttPort, host: "127.0.0.1" });
  stack.defer(() => client.endAsync(true));
  const publishing = publish(client);
  stack.defer(() => publishing.stop());

  const measure = async (name: string, seconds: number): Promise<Row> => {
    await readers.ask();
    const [startMs, cpuMs] = [performance.now(), readCpuMs(pid)];
    const rss: number[] = [];
    for (let second = 0; second < seconds; second++) {
      rss.push(readRssMegabytes(pid));
      await sleep(1_000);
    }
    const elapsedMs = performance.now() - startMs;
    const cpu = (readCpuMs(pid) - cpuMs) / elapsedMs;
    return { name, report: await readers.ask(), seconds: elapsedMs / 1_000, cpu, rss };
  };
  await sleep(WARM_UP_MS);
  const rows = [await measure("alone", Number(values.seconds))];
  const stalled = connect(httpPort, "127.0.0.1");
  stalled.pause();
  stalled.write("GET /stream?filter=%23 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stack.defer(() => void stalled.destroy());
  rows.push(await measure("beside one that stalls", Number(values.stall)));
  if (broker) {
    const restarting = sleep(WARM_UP_MS).then(() => broker.restart());
    rows.push(await measure("over a restart", Number(values.seconds)));
    await restarting;
  }
  console.log(align([HEAD, ...rows.map(toCells)]).join("\n"));
}

const HEAD = [
  "",
  "msg/s each, least",
  "most",
  "p50 ms",
  "p99 ms",
  "missed",
  "away",
  "back",
  "ended",
  "CPU",
  "RSS MB, first",
  "most",
  "last",
];

function toCells({ name, report, seconds, cpu, rss }: Row): string[] {
  const rates = report.messages.map((count) => count / seconds);
  return [
    name,
    Math.min(...rates).toFixed(0),
    Math.max(...rates).toFixed(0),
    report.p50.toFixed(1),
    report.p99.toFixed(1),
    String(report.missed),
    String(report.away),
    String(report.connected),
    String(report.ended),
    cpu.toFixed(2),
    (rss[0] ?? 0).toFixed(0),
    Math.max(...rss).toFixed(0),
    (rss.at(-1) ?? 0).toFixed(0),
  ];
}

/** Publishes at the rate, in equal parts each few milliseconds; topics take turns. */
function publish(client: MqttClient) {
  const rate = Number(values.rate);
  const pad = "x".repeat(Math.max(0, Number(values.payload) - 30));
  const startMs = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const wanted = ((performance.now() - startMs) * rate) / 1_000;
    for (; count < wanted; count++) {
      if (!client.connected) continue;
      const sent = (performance.timeOrigin + performance.now()).toFixed(3);
      client.publish(`bench/${count % 100}`, `{"sent":${sent},"pad":"${pad}"}`);
    }
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}

if (values.help) console.log(HELP);
else await run();
