// The table of commands. Each is loaded when it is run and not before: `viaduto version` must not
// wait for a broker's code. Help, dispatch and completions walk over this table.

import { findNearest } from "../config/nearest.ts";
import { ViadutoError } from "../lib/errors.ts";

/** What the file of a command exports. */
type CommandModule = {
  /** Does the command; the arguments are without its name. Resolves to the exit code. */
  run(argv: readonly string[]): Promise<number>;
  /** Its flags, one per line, for `--help`. */
  help?(): string;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly example: string;
  load(): Promise<CommandModule>;
  /** Its flags for `--help`, without loading what it needs to run. Absent: the module's `help`. */
  help?(): Promise<string>;
};

export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "the bridge; a banner says who can reach what. Also without a command",
    usage: "viaduto [serve] [flags]",
    example: "viaduto --broker mqtt://broker.local --origin workshop",
    load: () => import("./serve.ts"),
    help: loadOptionsHelp,
  },
  {
    name: "pub",
    summary: "publish messages, with the letters of mosquitto_pub",
    usage: "viaduto pub -t <topic> -m <payload> [flags]",
    example: `viaduto pub -t devices/update -m '{"device_id":"sensor-1"}'`,
    load: () => import("./pub.ts"),
  },
  {
    name: "sub",
    summary: "print the messages of topics, with the letters of mosquitto_sub",
    usage: "viaduto sub -t <filter> [flags]",
    example: "viaduto sub -t 'devices/#' -v",
    load: () => import("./sub.ts"),
  },
  {
    name: "clean-retained",
    summary: "delete the retained messages of a filter, or list them first",
    usage: "viaduto clean-retained <filter> [--dry-run] [flags]",
    example: "viaduto clean-retained 'workshop/#' --dry-run",
    load: () => import("./clean-retained.ts"),
  },
  {
    name: "init",
    summary: "a starter folder: typed handlers, their tests, types for the editor",
    usage: "viaduto init [folder]",
    example: "viaduto init workshop",
    load: () => import("./init.ts"),
  },
  {
    name: "new",
    summary: "one more typed handler with its test",
    usage: "viaduto new <topic> [flags]",
    example: "viaduto new 'devices/{id}/state'",
    load: () => import("./new-command.ts"),
  },
  {
    name: "test",
    summary: "run the tests of a handler folder",
    usage: "viaduto test [files] [flags of bun test]",
    example: "viaduto test handlers/echo.test.ts",
    load: () => import("./test-command.ts"),
  },
  {
    name: "check",
    summary: "load settings and handlers, print topics, say where files are wrong",
    usage: "viaduto check [flags of serve]",
    example: "viaduto check --handlers ./handlers",
    load: () => import("./check.ts"),
    help: loadOptionsHelp,
  },
  {
    name: "dead",
    summary: "list, show, handle again or delete what could not be handled",
    usage: "viaduto dead [list|show <id>|redrive <id>|redrive --all|purge] [flags]",
    example: "viaduto dead redrive 7",
    load: () => import("./dead.ts"),
  },
  {
    name: "passwd",
    summary: "set or remove a login in a password file, as mosquitto_passwd does",
    usage: "viaduto passwd [-c] [-D] [-b] <file> <user> [password]",
    example: "viaduto passwd -c passwords ana",
    load: () => import("./passwd.ts"),
  },
  {
    name: "config",
    summary: "print the effective settings and where each comes from",
    usage: "viaduto config [flags of serve]",
    example: "MQTT_URL=mqtt://broker.local viaduto config",
    load: () => import("./config-command.ts"),
    help: loadOptionsHelp,
  },
  {
    name: "docs",
    summary: "print what the bridge says of itself: its routes, or handlers' topics",
    usage: "viaduto docs openapi|asyncapi [--format json|yaml] [flags of serve]",
    example: "viaduto docs asyncapi --format yaml > asyncapi.yaml",
    load: () => import("./docs.ts"),
  },
  {
    name: "version",
    summary: "print the version",
    usage: "viaduto version",
    example: "viaduto version",
    load: () => import("./version-command.ts"),
  },
  {
    name: "help",
    summary: "print the commands, or the flags of one",
    usage: "viaduto help [command]",
    example: "viaduto help serve",
    load: () => import("./help-command.ts"),
  },
];

/** The command of that name. Throws `command_unknown` with the nearest one. */
export function findCommand(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  throw new ViadutoError("command_unknown", { given: name, nearest: findNearest(name, names) });
}

async function loadOptionsHelp(): Promise<string> {
  const { formatOptions } = await import("./help.ts");
  return formatOptions();
}
