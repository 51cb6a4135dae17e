// Reads Prometheus' text format and OpenMetrics, strictly: what the documents do not allow throws
// with its line.

export type ReadFamily = {
  readonly type: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly samples: readonly ReadSample[];
};
export type ReadSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
type Format = "prometheus" | "openmetrics";
type Open = { -readonly [Key in keyof ReadFamily]: ReadFamily[Key] } & { samples: ReadSample[] };

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const META = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME}) (.+)$`);
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|Inf)|NaN)$/;
const TYPES = {
  prometheus: ["counter", "gauge", "histogram"],
  openmetrics: ["counter", "gauge", "histogram", "info"],
};
/** What the names of a type's samples have behind the family's. */
const SUFFIXES: Readonly<Record<Format, Readonly<Record<string, readonly string[]>>>> = {
  prometheus: { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"] },
  openmetrics: {
    counter: ["_total"],
    gauge: [""],
    info: ["_info"],
    histogram: ["_bucket", "_sum", "_count"],
  },
};

/** The families by their names. Throws for whatever is not allowed. */
export function readMetrics(text: string, format: Format): ReadonlyMap<string, ReadFamily> {
  const families = new Map<string, Open>();
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line does not end");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("there is no # EOF");
  let name = "";
  for (const line of lines) {
    const meta = META.exec(line);
    if (meta) name = readMeta(meta, families, name, format);
    else readSample(line, families.get(name), name, format);
  }
  for (const [own, family] of families) {
    checkRepeated(own, family);
    if (family.type === "histogram") checkHistograms(own, family.samples);
  }
  return families;
}

function readMeta(
  [line, kind, name = "", rest = ""]: RegExpExecArray,
  families: Map<string, Open>,
  before: string,
  format: Format,
): string {
  if (kind === "HELP") {
    if (families.has(name)) throw new Error(`the family comes twice: ${line}`);
    families.set(name, { type: "", help: rest, unit: undefined, samples: [] });
    return name;
  }
  const family = families.get(name);
  if (!family || before !== name || family.samples.length > 0) throw new Error(`late: ${line}`);
  if (kind === "UNIT") {
    if (format === "prometheus") throw new Error(`there is no unit: ${line}`);
    if (!name.endsWith(`_${rest}`)) throw new Error(`the name lacks the unit: ${line}`);
    family.unit = rest;
    return name;
  }
  if (!TYPES[format].includes(rest)) throw new Error(`no such type: ${line}`);
  if (format === "prometheus" && rest === "counter" && !name.endsWith("_total")) {
    throw new Error(`a counter without _total: ${line}`);
  }
  family.type = rest;
  return name;
}

function readSample(line: string, family: Open | undefined, of: string, format: Format): void {
  const match = SAMPLE.exec(line);
  if (!match || !family) throw new Error(`no sample: ${line}`);
  const [, name = "", pairs = ""] = match;
  const number = match.at(-1) ?? "";
  if (!NUMBER.test(number)) throw new Error(`no number: ${line}`);
  const suffixes = SUFFIXES[format][family.type] ?? [];
  if (!suffixes.some((suffix) => name === of + suffix)) throw new Error(`not of ${of}: ${line}`);
  const found = [...pairs.matchAll(new RegExp(LABEL, "g"))];
  const labels = Object.fromEntries(
    found.map(([, label, value = ""]) => [label, unescapeLabel(value)]),
  );
  if (Object.keys(labels).length !== found.length) throw new Error(`a label twice: ${line}`);
  const value = Number(number.replace("Inf", "Infinity"));
  if (family.type !== "gauge" && !(value >= 0)) throw new Error(`negative: ${line}`);
  family.samples.push({ name, labels, value });
}

function unescapeLabel(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
}

function checkRepeated(name: string, { samples, type, help }: Open): void {
  if (type === "" || help === "") throw new Error(`${name} has no type or help`);
  const keys = samples.map(({ name: own, labels }) => JSON.stringify([own, labels]));
  if (new Set(keys).size !== keys.length) throw new Error(`${name} says something twice`);
}

function checkHistograms(name: string, samples: readonly ReadSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [labels, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = "" } }) => Number(le.replace("+Inf", "Infinity")));
    const isSorted = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0));
    const counts = buckets.map(({ value }) => value);
    const grows = counts.every((count, at) => at === 0 || count >= (counts[at - 1] ?? 0));
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const hasSum = group.some((sample) => sample.name === `${name}_sum`);
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && counts.at(-1) === count;
    if (!isSorted || !grows || !hasSum || !isWhole) throw new Error(`${name}${labels} is odd`);
  }
}
