// From the words of a command line to the command that they mean. Called by main alone.

import { findCommand } from "./commands.ts";

/** Runs the command; resolves to the exit code. Throws `command_unknown` and what it throws. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [name, args] = splitCommand(argv);
  const command = findCommand(name);
  if (name !== "help" && asksForHelp(args)) return runCommandLine(["help", name]);
  const { run } = await command.load();
  return run(args);
}

function splitCommand(argv: readonly string[]): [name: string, args: readonly string[]] {
  const [first, ...rest] = argv;
  if (first === "--help" || first === "--version") return [first.slice(2), rest];
  return first === undefined || first.startsWith("-") ? ["serve", argv] : [first, rest];
}

// Wherever it stands, since who is lost types it at the end. -h is the host, as in mosquitto_pub.
// A payload "--help" is written `--message=--help`.
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).includes("--help");
}
