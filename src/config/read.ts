// Settings from flags, environment, file and defaults, in this order. Called once, by a command;
// it reads the files that it is pointed at, opens nothing else and changes nothing.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ViadutoError } from "../lib/errors.ts";
import type { LogFormat } from "../lib/log.ts";
import { checkPositionals, type Flag, parseArguments } from "./arguments.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { readBrokers } from "./broker-list.ts";
import { buildClientId } from "./client-id.ts";
import { readConfigFile } from "./config-file.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { parseOption } from "./option-value.ts";
import { isBoolean, OPTIONS } from "./options.ts";
import type { OptionKey, OptionValues } from "./schema.ts";
import type { Given, GivenValues, ReadFile, Source } from "./source.ts";
import { checkTls } from "./tls-options.ts";

/** What the rest of the program runs on: checked, with every default in place. */
export type Settings = Readonly<
  Omit<OptionValues, "broker" | "clientId" | "logFormat"> & {
    /** External brokers, tried in turn; empty means the embedded one. */
    brokers: readonly BrokerAddress[];
    clientId: string;
    logFormat: LogFormat;
  }
>;

/** Where the value of each option comes from. */
export type Sources = Readonly<Record<OptionKey, Source>>;

type SettingsInput = {
  /** The flags, without the name of the command. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** The folder in which files are looked for. */
  readonly cwd: string;
  /** True when a person reads the log. */
  readonly isTerminal: boolean;
  /** Named in hints; `serve` when absent. */
  readonly command?: string;
  readonly readFile?: ReadFile;
};

/** Where `--lan` listens, unless it is told. */
const ALL_ADDRESSES = "0.0.0.0";

const FLAGS: readonly Flag[] = OPTIONS.map((option) => ({
  name: option.flag,
  takesValue: !isBoolean(option),
}));

/**
 * The effective settings and where each comes from. Throws `flag_unknown`, `argument_missing`,
 * `argument_unexpected`, `flags_conflict`, `option_invalid`, `tls_incomplete`, `file_key_unknown`
 * and `file_unreadable`.
 */
export function readSettings(input: SettingsInput): { settings: Settings; sources: Sources } {
  const { argv, env, cwd, isTerminal, command = "serve", readFile = readText } = input;
  const flags = readFlags(argv, command);
  checkConflict(flags, command);
  const variables = readEnvironment(env, cwd, readFile);
  const { file, values: fileValues } = readConfigFile(flags.get("config")?.text, cwd, readFile);
  const given = mergeGiven(fileValues, variables, flags);

  const handlers = given.has("handlers") ? undefined : findHandlers(cwd);
  const settings = {
    ...buildSettings(given, variables.get("mqttPort"), isTerminal, readFile),
    ...(file !== undefined && { config: file }),
    ...(handlers !== undefined && { handlers }),
  };
  return { settings, sources: toSources(given) };
}

/**
 * The settings of a program that gives them as values: no flags, environment or file. Throws
 * `option_invalid`, `tls_incomplete` and `file_unreadable`.
 */
export function toSettings(values: Partial<OptionValues>): Settings {
  const given = new Map<OptionKey, Given>();
  for (const { key } of OPTIONS) {
    const value = values[key];
    if (value === undefined) continue;
    given.set(key, { text: String(value), source: { kind: "code", name: key } });
  }
  return buildSettings(given, undefined, process.stdout.isTTY === true, readText);
}

function buildSettings(
  given: GivenValues,
  brokerPort: Given | undefined,
  isTerminal: boolean,
  readFile: ReadFile,
): Settings {
  const { broker: _, ...values } = parseValues(given);
  checkTls(given);
  const origin = values.origin.replaceAll(/^\/+|\/+$/g, "");
  return {
    ...values,
    ...(values.tlsCert === undefined && { tlsPort: "off", wssPort: "off" }),
    ...(values.lan && !given.has("host") && { host: ALL_ADDRESSES }),
    origin,
    brokers: readBrokers(given.get("broker"), brokerPort, values),
    clientId: values.clientId ?? buildClientId(origin, toReplica(values), readFile),
    logFormat: values.logFormat ?? (isTerminal ? "text" : "json"),
  };
}

function findHandlers(cwd: string): string | undefined {
  const folder = join(cwd, "handlers");
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}

// Replicas of one machine differ by the port on which they listen; one with a free port is new at
// each start.
function toReplica({ group, port }: OptionValues): string {
  if (group === undefined) return "";
  return `${group} ${port === 0 ? crypto.randomUUID() : port}`;
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

function readFlags(argv: readonly string[], command: string): GivenValues {
  const { values, positionals } = parseArguments(argv, FLAGS, command);
  checkPositionals(positionals, 0, command);
  const given = new Map<OptionKey, Given>();
  for (const { key, flag } of OPTIONS) {
    const text = values.get(flag)?.at(-1);
    if (text !== undefined) given.set(key, { text, source: { kind: "flag", name: `--${flag}` } });
  }
  return given;
}

// The port is the embedded broker's, and there is none: who typed both meant the other broker's.
function checkConflict(flags: GivenValues, command: string): void {
  if (!flags.has("broker") || !flags.has("mqttPort")) return;
  throw new ViadutoError("flags_conflict", { one: "--broker", other: "--mqtt-port", command });
}

function mergeGiven(file: GivenValues, variables: GivenValues, flags: GivenValues): GivenValues {
  const hasBroker = [file, variables, flags].some((given) => given.has("broker"));
  const own = new Map(variables);
  // With an external broker, MQTT_PORT is that broker's port; ours keeps its file or default.
  if (hasBroker) own.delete("mqttPort");
  return new Map([...file, ...own, ...flags]);
}

function parseValues(given: GivenValues): OptionValues {
  const values = OPTIONS.flatMap((option) => {
    const found = given.get(option.key);
    const value = found ? parseOption(option, found) : option.schema.default;
    return value === undefined ? [] : [[option.key, value]];
  });
  // Each value was checked against its part of the schema, or is that part's default.
  return Object.fromEntries(values) as OptionValues;
}

function toSources(given: GivenValues): Sources {
  const sources = OPTIONS.map(({ key }) => [key, given.get(key)?.source ?? { kind: "default" }]);
  return Object.fromEntries(sources) as Sources;
}
