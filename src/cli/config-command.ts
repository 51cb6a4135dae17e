// `viaduto config`: the effective settings, each with where it comes from, secrets masked.

import { formatBrokerAddress } from "../config/broker-address.ts";
import { OPTIONS, type Option } from "../config/options.ts";
import { readSettings, type Settings, type Sources } from "../config/read.ts";
import { describeSource } from "../config/source.ts";
import { escapeControl } from "../lib/log.ts";

/** Prints the settings; resolves to 0. Throws what `readSettings` throws. */
export async function run(argv: readonly string[]): Promise<number> {
  const isTerminal = process.stdout.isTTY === true;
  const input = { argv, env: process.env, cwd: process.cwd(), isTerminal, command: "config" };
  const { settings, sources } = readSettings(input);
  process.stdout.write(formatSettings(settings, sources));
  return 0;
}

// One option per line in aligned columns: name, value, source.
function formatSettings(settings: Settings, sources: Sources): string {
  const rows = OPTIONS.map((option) => [
    option.flag,
    escapeControl(formatValue(option, settings)),
    escapeControl(describeSource(sources[option.key])),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "));
  return `${lines.join("\n")}\n`;
}

function formatValue({ key, schema }: Option, settings: Settings): string {
  if (key === "broker") return settings.brokers.map(formatBrokerAddress).join(",") || "(embedded)";
  const value = settings[key];
  if (value === undefined) return "(none)";
  if (schema.secret) return "***";
  return value === "" ? "(empty)" : String(value);
}
