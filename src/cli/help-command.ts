// `viaduto help`, and `--help` wherever it stands.

import { checkPositionals, parseArguments } from "../config/arguments.ts";
import { COMMANDS, type Command, findCommand } from "./commands.ts";
import { formatCommand, formatCommands } from "./help.ts";

/** Prints the commands, or the flags of the one that is named. Throws `command_unknown`. */
export async function run(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArguments(argv, [], "help");
  checkPositionals(positionals, 1, "help");
  process.stdout.write(await buildHelp(positionals[0]));
  return 0;
}

async function buildHelp(name: string | undefined): Promise<string> {
  if (name === undefined) return formatCommands(COMMANDS);
  const command = findCommand(name);
  return formatCommand(command, await loadFlags(command));
}

async function loadFlags(command: Command): Promise<string> {
  if (command.help) return command.help();
  const module = await command.load();
  return module.help?.() ?? "";
}
