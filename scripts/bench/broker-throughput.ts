// The parts "throughput" and "durable" of the broker's benchmark: messages per second and CPU per
// message. In each round every broker is started anew, and all take their turn in every scenario.

import type { BrokerBenchOptions } from "./broker-options.ts";
import type { Bench, Section } from "./broker-part.ts";
import { type Flow, type Load, measureFlow } from "./measure-flow.ts";
import { summarize, summarizeRatios } from "./statistics.ts";
import { openSubject, SUBJECTS, type SubjectName } from "./subjects.ts";
import { format } from "./table.ts";

type Scenario = { readonly name: string; readonly load: Load };
type Measured = Flow & {
  readonly scenario: string;
  readonly subject: SubjectName;
  readonly round: number;
};

const PAYLOAD_BYTES = 100;

export async function measureThroughput(bench: Bench): Promise<Section> {
  const { options } = bench;
  const wide = options.wideWindow;
  const scenarios = [
    { name: "10 to 1, QoS 0", load: toLoad(options, { qos: 0, window: wide }) },
    { name: "10 to 1, QoS 1", load: toLoad(options, { qos: 1, window: options.window }) },
    { name: "1 to 100, QoS 0", load: toLoad(options, { qos: 0, window: wide, ...FAN_OUT }) },
    { name: "1 to 100, QoS 1", load: toLoad(options, { qos: 1, window: wide, ...FAN_OUT }) },
  ];
  const measured = await measureAll(scenarios, options.subjects, bench);
  const others = options.subjects.filter((name) => name !== "viaduto");
  const ratios = others.flatMap((other) => buildRatios(measured, scenarios, "viaduto", other));
  return {
    title: "throughput: 100-byte payload; CPU in µs per delivery; busy: share of one core",
    rows: buildRows(measured, scenarios, options.subjects),
    notes: ratios,
    data: measured,
  };
}

/** What it costs that messages are on disk before they are acknowledged. */
export async function measureDurable(bench: Bench): Promise<Section> {
  const { options } = bench;
  const load = toLoad(options, { qos: 1, window: options.window, isSessionKept: true });
  const scenarios = [{ name: "10 to 1, QoS 1, session kept", load }];
  const subjects = ["viaduto", "viaduto-data"] as const;
  const measured = await measureAll(scenarios, subjects, bench);
  return {
    title: "durable: the same with a session that is kept; goal: at least 0.5 of the rate",
    rows: buildRows(measured, scenarios, subjects),
    notes: buildRatios(measured, scenarios, "viaduto-data", "viaduto"),
    data: measured,
  };
}

const FAN_OUT = { publishers: 1, subscribers: 100 };

function toLoad(
  { warmUpSeconds, seconds }: BrokerBenchOptions,
  more: Pick<Load, "qos" | "window"> & Partial<Load>,
): Load {
  return {
    publishers: 10,
    subscribers: 1,
    slowSubscribers: 0,
    isSessionKept: false,
    payloadBytes: PAYLOAD_BYTES,
    warmUpSeconds,
    length: { seconds },
    ...more,
  };
}

async function measureAll(
  scenarios: readonly Scenario[],
  names: readonly SubjectName[],
  { stage, options, say }: Bench,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    await using stack = new AsyncDisposableStack();
    const subjects = [];
    for (const name of names) subjects.push(stack.use(await openSubject(name, stage)));
    for (const { name: scenario, load } of scenarios) {
      for (const subject of subjects) {
        const flow = await measureFlow(subject, load, stage);
        measured.push({ ...flow, scenario, subject: subject.name, round });
        const rate = Math.round(flow.deliveriesPerSecond).toLocaleString("en");
        say(`round ${round} of ${options.rounds}, ${scenario}, ${subject.name}: ${rate} msg/s`);
      }
    }
  }
  return measured;
}

const COLUMNS: readonly (readonly [string, (flow: Flow) => number, number])[] = [
  ["msg/s", ({ deliveriesPerSecond }) => deliveriesPerSecond, 0],
  ["CPU broker", ({ brokerCpu }) => brokerCpu, 2],
  ["CPU generator", ({ generatorCpu }) => generatorCpu, 2],
  ["broker busy", ({ brokerBusy }) => brokerBusy, 2],
  ["generator busy", ({ generatorBusy }) => generatorBusy, 2],
];

function buildRows(
  measured: readonly Measured[],
  scenarios: readonly Scenario[],
  names: readonly SubjectName[],
): string[][] {
  const head = ["scenario", "broker", ...COLUMNS.map(([name]) => name), ""];
  const rows = scenarios.flatMap(({ name: scenario }) =>
    names.map((name) => {
      const own = pick(measured, scenario, name);
      const cells = COLUMNS.map(([, value, digits]) => format(summarize(own.map(value)), digits));
      return [scenario, SUBJECTS[name], ...cells, toRemark(own)];
    }),
  );
  return [head, ...rows];
}

function toRemark(measured: readonly Measured[]): string {
  const lost = measured.reduce((sum, one) => sum + one.lost, 0);
  const outOfOrder = measured.reduce((sum, one) => sum + one.outOfOrder, 0);
  return lost === 0 && outOfOrder === 0 ? "none lost" : `${lost} LOST, ${outOfOrder} OUT OF ORDER`;
}

/** Paired by round. */
function buildRatios(
  measured: readonly Measured[],
  scenarios: readonly Scenario[],
  one: SubjectName,
  other: SubjectName,
): string[] {
  return scenarios.flatMap(({ name: scenario }) => {
    const own = pick(measured, scenario, one);
    const others = pick(measured, scenario, other);
    if (own.length === 0 || others.length === 0) return [];
    const toRatio = (value: (flow: Flow) => number) => {
      const pairs = own.map((flow, at) => [value(flow), value(others[at] ?? flow)] as const);
      return format(summarizeRatios(pairs), 2);
    };
    const rate = toRatio(({ deliveriesPerSecond }) => deliveriesPerSecond);
    const cpu = toRatio(({ brokerCpu }) => brokerCpu);
    return [`${scenario}: ${SUBJECTS[one]} / ${SUBJECTS[other]}: msg/s ${rate}, CPU ${cpu}`];
  });
}

function pick(measured: readonly Measured[], scenario: string, name: SubjectName): Measured[] {
  return measured.filter((one) => one.scenario === scenario && one.subject === name);
}
