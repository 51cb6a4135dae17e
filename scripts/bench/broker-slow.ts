// The part "slow" of the broker's benchmark: one subscriber stops reading while much is published,
// and another one reads on. What that costs the broker in memory, and the other one in speed. Every
// measurement has a broker of its own, because memory once taken is rarely given back.

import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Section } from "./broker-part.ts";
import { type Load, measureFlow } from "./measure-flow.ts";
import { countConnections, readRssMegabytes, readRssPeakMegabytes } from "./proc.ts";
import { summarize, summarizeRatios } from "./statistics.ts";
import { openSubject, SUBJECTS, type SubjectName } from "./subjects.ts";
import { format } from "./table.ts";

type Case = { readonly payloadBytes: number; readonly qos: 0 | 1 };
type Trial = {
  readonly deliveriesPerSecond: number;
  /** Megabytes: before the first message, and at most. */
  readonly restRss: number;
  readonly peakRss: number;
  readonly complaints: readonly string[];
};
type Pair = Case & {
  readonly subject: SubjectName;
  readonly round: number;
  readonly alone: Trial;
  readonly besideSlow: Trial;
};

const CASES: readonly Case[] = [
  { payloadBytes: 1_000, qos: 0 },
  { payloadBytes: 1_000, qos: 1 },
  { payloadBytes: 64_000, qos: 0 },
  { payloadBytes: 64_000, qos: 1 },
];
/** What is on its way to the subscriber that reads. */
const WINDOW_BYTES = 1 << 20;
const WINDOW_MESSAGES_MAX = 256;
const LOOK_MS = 50;
const LAST_WORDS_MS = 200;

export async function measureSlow(bench: Bench): Promise<Section> {
  const { options, say } = bench;
  const pairs: Pair[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const each of CASES) {
      for (const subject of options.subjects) {
        const alone = await tryOnce(subject, each, 0, bench);
        const besideSlow = await tryOnce(subject, each, 1, bench);
        pairs.push({ ...each, subject, round, alone, besideSlow });
        const peak = besideSlow.peakRss.toFixed(0);
        say(`round ${round} of ${options.rounds}, ${toName(each)}, ${subject}: ${peak} MB`);
      }
    }
  }
  const { megabytes } = options;
  return {
    title:
      `slow: ${megabytes} MB to a subscriber that stops reading, and to one that reads; ` +
      "RSS in MB; goal: at least 0.9 of the rate",
    rows: buildRows(pairs, options.subjects),
    notes: options.subjects.flatMap((name) => listComplaints(pairs, name)),
    data: pairs,
  };
}

async function tryOnce(
  name: SubjectName,
  { payloadBytes, qos }: Case,
  slowSubscribers: number,
  { stage, options }: Bench,
): Promise<Trial> {
  await using subject = await openSubject(name, stage);
  const window = Math.min(WINDOW_MESSAGES_MAX, Math.floor(WINDOW_BYTES / payloadBytes));
  const load: Load = {
    qos,
    publishers: 1,
    subscribers: 1,
    slowSubscribers,
    isSessionKept: false,
    window,
    payloadBytes,
    warmUpSeconds: options.warmUpSeconds,
    length: { messages: Math.ceil((options.megabytes * 1_000_000) / payloadBytes) },
  };
  const restRss = readRssMegabytes(subject.pid);
  const { deliveriesPerSecond } = await measureFlow(subject, load, stage);
  // The broker has more to say when the slow one has left, and takes until then to notice.
  while (countConnections(subject.port) > 0) await sleep(LOOK_MS);
  await sleep(LAST_WORDS_MS);
  const peakRss = readRssPeakMegabytes(subject.pid);
  return { deliveriesPerSecond, restRss, peakRss, complaints: await subject.complaints() };
}

function buildRows(pairs: readonly Pair[], names: readonly SubjectName[]): string[][] {
  const head = ["", "broker", "msg/s alone", "msg/s beside", "ratio"];
  const rows = CASES.flatMap((each) =>
    names.map((name) => {
      const own = pairs.filter(({ subject, payloadBytes, qos }) => {
        return subject === name && payloadBytes === each.payloadBytes && qos === each.qos;
      });
      const show = (value: (pair: Pair) => number) => format(summarize(own.map(value)), 0);
      const ratio = summarizeRatios(
        own.map(({ alone, besideSlow }) => {
          return [besideSlow.deliveriesPerSecond, alone.deliveriesPerSecond] as const;
        }),
      );
      return [
        toName(each),
        SUBJECTS[name],
        show(({ alone }) => alone.deliveriesPerSecond),
        show(({ besideSlow }) => besideSlow.deliveriesPerSecond),
        format(ratio, 2),
        show(({ besideSlow }) => besideSlow.restRss),
        show(({ alone }) => alone.peakRss),
        show(({ besideSlow }) => besideSlow.peakRss),
      ];
    }),
  );
  return [[...head, "RSS before", "peak alone", "peak beside"], ...rows];
}

/** What a broker said, each kind of line once. */
function listComplaints(pairs: readonly Pair[], name: SubjectName): string[] {
  const lines = pairs
    .filter(({ subject }) => subject === name)
    .flatMap(({ besideSlow, alone }) => [...besideSlow.complaints, ...alone.complaints]);
  const kinds = Map.groupBy(lines, (line) => line.replaceAll(/\d+/g, "…"));
  return [...kinds.values()].map((same) => {
    return `${SUBJECTS[name]} says ${same.length} times, like: ${same[0]}`;
  });
}

function toName({ payloadBytes, qos }: Case): string {
  return `${payloadBytes / 1000} KB, QoS ${qos}`;
}
