// The flags that Mosquitto's command line tools share, as a table of which help is made too.
// Used by pub and sub, which add their own rows.

import type { Flag } from "../config/arguments.ts";

/** How a flag is typed, and what it does. `...` after its value: it may be given several times. */
export type FlagRow = readonly [usage: string, text: string];

export const BROKER_ROWS: readonly FlagRow[] = [
  ["-h, --host <name>", "the broker's host name or address; default localhost"],
  ["-p, --port <port>", "the broker's port; default 1883, with TLS 8883"],
  ["-L, --url <url>", "host, port, login and topic in one, see below"],
  ["-u, --username <name>", "login at the broker"],
  ["-P, --pw <password>", "password of the login; it shows in the list of processes"],
  ["-i, --id <id>", "client id; default a new one each time"],
  ["-k, --keepalive <seconds>", "a ping at least this often, 0 for none; default 60"],
  ["-V, --protocol-version <v>", "5, 311 or 31; default 5, then 311 if that is refused"],
  ["--cafile <file>", "PEM file of the authority of the broker's certificate"],
  ["--cert <file>", "PEM file of the own certificate, if the broker asks"],
  ["--key <file>", "PEM file of its private key"],
  ["--insecure", "TLS without proof of who the broker is: dangerous"],
  ["-d, --debug", "say on stderr what happens"],
  ["--quiet", "say nothing on stderr when it fails; the exit code tells"],
];

/** Where the broker is, in words that stand below the flags. */
export const BROKER_NOTES = [
  "-L mqtt://[user[:password]@]host[:port][/topic], or mqtts:// with TLS. The path of",
  "-L ws://host[:port][/path], or wss:// with TLS, is WebSocket's (default /mqtt): the",
  "topic is then given with -t.",
  "",
  "Without -h, -p and -L: the broker of `viaduto serve`, by MQTT_URL, or MQTT_BROKER and",
  "MQTT_PORT, with MQTT_USERNAME, MQTT_PASSWORD, MQTT_TOKEN, MQTT_VERSION, MQTT_CA,",
  "MQTT_CERT, MQTT_KEY, MQTT_INSECURE; else localhost. Topics are whole, with the origin.",
] as const;

const USAGE = /^(?:-(?<letter>\w), )?--(?<name>[\w-]+)(?<value> <[^>]+>)?(?<more>\.\.\.)?$/;
const USAGE_COLUMNS = 26;

/** The flags of a table, for the reader of command lines. */
export function toFlags(rows: readonly FlagRow[]): readonly Flag[] {
  return rows.map(([usage]) => {
    const { letter, name = "", value, more } = USAGE.exec(usage)?.groups ?? {};
    return {
      name,
      takesValue: value !== undefined,
      multiple: more !== undefined,
      ...(letter !== undefined && { letter }),
    };
  });
}

/** One flag per line, then the notes. */
export function formatFlags(rows: readonly FlagRow[], notes: readonly string[]): string {
  const lines = rows.map(([usage, text]) => {
    // Long names stand below each other, whether a letter is before them or not.
    const shown = usage.replace(/^--/, "    --").replace(/\.\.\.$/, "");
    return `  ${shown.padEnd(USAGE_COLUMNS)}  ${text}`;
  });
  return [...lines, "", ...notes, ""].join("\n");
}
