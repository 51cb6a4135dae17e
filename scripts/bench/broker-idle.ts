// The part "idle" of the broker's benchmark: memory per idle connection; memory after waves of
// connections that come and go; connections that are left when many take over one client id.

import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Section } from "./broker-part.ts";
import { type Connection, openConnection } from "./connection.ts";
import { type Load, measureFlow } from "./measure-flow.ts";
import { countConnections, readRssMegabytes } from "./proc.ts";
import { openSubject, SUBJECTS, type Subject, type SubjectName } from "./subjects.ts";

type IdleFigures = {
  readonly subject: SubjectName;
  readonly kilobytesPerConnection: number;
  /** Megabytes, after each series of waves; the first is before them. */
  readonly waveRss: readonly number[];
  readonly connectionsAfterWaves: number;
  readonly connectionsAfterTakeOvers: number;
};

/** Connections that are opened at a time. */
const BATCH = 100;
/** Long enough for a collection by the runtime's own timer. */
const SETTLE_MS = 4_000;
const WAIT_MS = 10_000;
const LOOK_MS = 50;
const WAVES_PER_SERIES = 10;

/** A little traffic, which gives a runtime occasion to collect. */
const STIRRING: Load = {
  qos: 0,
  publishers: 1,
  subscribers: 1,
  slowSubscribers: 0,
  isSessionKept: false,
  window: 100,
  payloadBytes: 100,
  warmUpSeconds: 0,
  length: { seconds: 1 },
};

export async function measureIdle(bench: Bench): Promise<Section> {
  const { options, say } = bench;
  const figures: IdleFigures[] = [];
  for (const name of options.subjects) {
    say(`idle: ${name}`);
    figures.push(await measureSubject(name, bench));
  }
  const { connections, waves, takeOvers } = options;
  return {
    title:
      `idle: ${connections} connections (goal: at most 16 KB each); ${waves} times ` +
      `${connections * 2} that come and go (goal: RSS within 15 %); ` +
      `${takeOvers} take-overs of one client id (goal: 1 is left)`,
    rows: buildRows(figures),
    notes: [],
    data: figures,
  };
}

async function measureSubject(name: SubjectName, bench: Bench): Promise<IdleFigures> {
  const { stage, options } = bench;
  const kilobytesPerConnection = await weighConnections(name, bench);
  await using subject = await openSubject(name, stage);
  const waveRss = [await settle(subject, bench)];
  const wave = Math.ceil((options.connections * 2) / WAVES_PER_SERIES);
  for (let series = 0; series < options.waves; series++) {
    for (let at = 0; at < WAVES_PER_SERIES; at++) {
      await leaveAll(await openMany(subject.port, wave, (index) => `wave-${at}-${index}`));
    }
    waveRss.push(await settle(subject, bench));
  }
  const connectionsAfterWaves = await awaitConnections(subject.port, 0);
  const takers = await openMany(subject.port, options.takeOvers, () => "the-same");
  const connectionsAfterTakeOvers = await awaitConnections(subject.port, 1);
  for (const taker of takers) taker.destroy();
  return {
    subject: name,
    kilobytesPerConnection,
    waveRss,
    connectionsAfterWaves,
    connectionsAfterTakeOvers,
  };
}

async function weighConnections(name: SubjectName, bench: Bench): Promise<number> {
  const { connections } = bench.options;
  await using subject = await openSubject(name, bench.stage);
  const before = await settle(subject, bench);
  const opened = await openMany(subject.port, connections, (index) => `idle-${index}`);
  const after = await settle(subject, bench);
  const left = countConnections(subject.port);
  if (left !== connections) throw new Error(`${left} connections are open, not ${connections}`);
  await leaveAll(opened);
  return ((after - before) * 1000) / connections;
}

/** Resident megabytes after a pause, some traffic and a pause. */
async function settle(subject: Subject, { stage }: Bench): Promise<number> {
  await sleep(SETTLE_MS);
  await measureFlow(subject, STIRRING, stage);
  await sleep(SETTLE_MS);
  return readRssMegabytes(subject.pid);
}

/** Those that were let in; of connections with one client id, some may be closed meanwhile. */
async function openMany(
  port: number,
  count: number,
  toClientId: (index: number) => string,
): Promise<Connection[]> {
  const opened: Connection[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    const batch = await Promise.allSettled(
      indexes.map((index) => openConnection({ port, clientId: toClientId(index) })),
    );
    for (const one of batch) if (one.status === "fulfilled") opened.push(one.value);
  }
  return opened;
}

async function leaveAll(connections: readonly Connection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.leave()));
}

/** How many connections are open, once it is so many, or after a while. */
async function awaitConnections(port: number, wanted: number): Promise<number> {
  const deadlineMs = performance.now() + WAIT_MS;
  while (countConnections(port) !== wanted && performance.now() < deadlineMs) await sleep(LOOK_MS);
  return countConnections(port);
}

function buildRows(figures: readonly IdleFigures[]): string[][] {
  const head = ["broker", "KB per connection", "RSS before and after waves, MB"];
  const rows = figures.map((one) => {
    const [before = Number.NaN, first = Number.NaN] = one.waveRss;
    const last = one.waveRss.at(-1) ?? Number.NaN;
    return [
      SUBJECTS[one.subject],
      one.kilobytesPerConnection.toFixed(1),
      one.waveRss.map((megabytes) => megabytes.toFixed(0)).join(" "),
      (last / before).toFixed(2),
      (last / first).toFixed(2),
      `${one.connectionsAfterWaves}`,
      `${one.connectionsAfterTakeOvers}`,
    ];
  });
  const more = ["last / before", "last / first after", "left after waves", "after take-overs"];
  return [[...head, ...more], ...rows];
}
