// The texts of --help, made from the tables of commands and options.

import { GROUPS } from "../config/option-kinds.ts";
import {
  describeDefault,
  isBoolean,
  listVariables,
  OPTIONS,
  type Option,
} from "../config/options.ts";
import type { Command } from "./commands.ts";

const COLUMNS = 88;
const INDENT = "      ";

/** All commands, one per line. */
export function formatCommands(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "viaduto: an HTTP ⇄ MQTT bridge, with a broker inside",
    "",
    "Usage: viaduto [command] [flags]",
    "",
    ...lines,
    "",
    "The flags of a command, and an example: viaduto <command> --help",
    "",
  ].join("\n");
}

/** One command: what it does, an example, and its flags. */
export function formatCommand({ name, summary, usage, example }: Command, flags: string): string {
  const head = [`viaduto ${name}: ${summary}`, "", `Usage:   ${usage}`, `Example: ${example}`, ""];
  return [...head, ...(flags ? [flags.trimEnd(), ""] : [])].join("\n");
}

/** Every option of the schema, by group: name, meaning, default with its unit, environment. */
export function formatOptions(): string {
  const groups = GROUPS.map((group) => {
    const options = OPTIONS.filter((option) => option.schema.group === group);
    return [group, ...options.map(formatOption)].join("\n");
  });
  const order = "A flag goes before the environment, which goes before the file.";
  return `${[order, ...groups].join("\n\n")}\n`;
}

function formatOption(option: Option): string {
  const { description, danger, placeholder, minimum, maximum } = option.schema;
  const value = isBoolean(option) ? "" : ` <${placeholder}>`;
  const variables = listVariables(option);
  const sources = variables.length > 0 ? `; environment ${variables.join(", ")}` : "";
  const range = maximum === undefined ? "" : `, from ${minimum} to ${maximum}`;
  const lines = [
    description,
    `default ${describeDefault(option)}${range}${sources}`,
    ...(danger ? [`danger: ${danger}`] : []),
  ];
  return [`  --${option.flag}${value}`, ...lines.flatMap(wrap)].join("\n");
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(" ")) {
    if (line !== INDENT && line.length + word.length >= COLUMNS) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
