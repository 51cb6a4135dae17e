// `viaduto dead`: the dead letters, listed, shown, handled again or deleted. To handle again is for
// the running bridge, which has the handlers; the others work on the file in the data folder,
// whether the bridge runs or not.

import { existsSync } from "node:fs";
import { LISTED_PAYLOAD_BYTES_MAX, toListedJson, toWholeJson } from "../http/dead-letter-json.ts";
import { count } from "../lib/count.ts";
import { ViadutoError } from "../lib/errors.ts";
import { createLineWriter } from "../lib/line-writer.ts";
import { createLogger, escapeControl } from "../lib/log.ts";
import { IN_MEMORY } from "../store/database-file.ts";
import { type DeadLetters, openDeadLetters } from "../store/dead-letters.ts";
import { toDeadLettersPath } from "../store/dead-letters-file.ts";
import { postToBridge } from "./bridge-request.ts";
import { type Action, type DeadArguments, ROWS, readDeadArguments } from "./dead-arguments.ts";
import { formatLetter, formatTable } from "./dead-letter-text.ts";
import { formatFlags } from "./mosquitto-flags.ts";

const HOUR_MS = 3_600_000;
/** Of each payload in the table, which shows none. */
const NO_PAYLOAD = 0;

const ACTIONS: Readonly<Record<Action, (given: DeadArguments) => Promise<number>>> = {
  list: (given) => withStore(given, (store) => list(store, given)),
  show: (given) => withStore(given, (store) => show(store, given)),
  purge: (given) => withStore(given, (store) => purge(store, given)),
  redrive,
};

const NOTES = [
  "The flags of serve say where: --data the folder, --host and --port the bridge.",
  "list, show and purge need no running bridge; redrive asks it to run the handler that failed,",
  "and does not publish the message: no other subscriber gets it twice.",
] as const;

/**
 * Does it; resolves to 0, or to 1 when a letter could not be handled. Throws what the command line
 * deserves, `store_unusable`, `dead_letter_unknown`, `bridge_unreachable`, `bridge_refused`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const given = readDeadArguments(argv);
  return ACTIONS[given.action](given);
}

/** The flags of each action, for `--help`. */
export function help(): string {
  const parts = Object.entries(ROWS).map(([action, rows]) => {
    const takes = { list: "", show: " <id>", redrive: " <id>", purge: "" }[action];
    return `viaduto dead ${action}${takes}\n${formatFlags(rows, []).trimEnd()}\n`;
  });
  return [...parts, ...NOTES, ""].join("\n");
}

async function withStore(
  { settings, dataSource }: DeadArguments,
  work: (store: DeadLetters | undefined) => number,
): Promise<number> {
  const { data: folder } = settings;
  if (folder === IN_MEMORY) {
    const allowed = "a folder: what a bridge keeps in memory, only its GET /dead-letters shows";
    const facts = { name: "--data", given: folder, source: dataSource, allowed };
    throw new ViadutoError("option_invalid", facts);
  }
  const path = toDeadLettersPath(folder);
  if (!existsSync(path)) {
    process.stderr.write(`there is no ${escapeControl(path)}: no bridge has kept anything there\n`);
    return work(undefined);
  }
  const writer = createLineWriter(process.stderr);
  const log = createLogger({ name: "dead", level: "warn", format: "text", colour: false, writer });
  // The limits are the bridge's own: to look at letters does not make any of them go.
  const unlimited = { lettersMax: Infinity, bytesMax: Infinity, ageMsMax: Infinity };
  await using store = openDeadLetters({ folder, ...unlimited, log });
  return work(store);
}

function list(store: DeadLetters | undefined, given: DeadArguments): number {
  const { limit, handler, topic, isJson } = given;
  const payloadBytesMax = isJson ? LISTED_PAYLOAD_BYTES_MAX : NO_PAYLOAD;
  const found = store?.list({ limit, handler, topic, payloadBytesMax }) ?? [];
  const letters = found.map(toListedJson);
  if (isJson) {
    for (const letter of letters) print(letter);
    return 0;
  }
  const newest = letters[0];
  if (!newest) {
    process.stdout.write("no dead letters\n");
    return 0;
  }
  const count = `${letters.length} of ${store?.size} dead letters, ${store?.bytes} bytes`;
  process.stdout.write(`${formatTable(letters)}\n`);
  process.stdout.write(`${count}. More of one: viaduto dead show ${newest.id}\n`);
  return 0;
}

function show(store: DeadLetters | undefined, { id = 0, isJson }: DeadArguments): number {
  const letter = store?.get(id);
  if (!letter) throw new ViadutoError("dead_letter_unknown", { id });
  const json = toWholeJson(letter);
  if (isJson) print(json);
  else process.stdout.write(formatLetter(json));
  return 0;
}

function purge(store: DeadLetters | undefined, given: DeadArguments): number {
  const { handler, olderThanHours, isJson } = given;
  const beforeMs = olderThanHours === undefined ? undefined : Date.now() - olderThanHours * HOUR_MS;
  const purged = store?.purge({ handler, beforeMs }) ?? 0;
  if (isJson) print({ purged });
  else process.stdout.write(`${count(purged, "dead letter")} deleted\n`);
  return 0;
}

async function redrive({ settings, id, isAll, handler, isJson }: DeadArguments): Promise<number> {
  const query = handler === undefined ? "" : `?handler=${encodeURIComponent(handler)}`;
  const path = isAll ? `/dead-letters/redrive${query}` : `/dead-letters/${id}/redrive`;
  const answer = await postToBridge(settings, path);
  const { handled = 1, failed = 0 } = answer as { handled?: number; failed?: number };
  if (isJson) print(answer);
  else if (isAll) process.stdout.write(`${handled} handled, ${failed} failed again\n`);
  else process.stdout.write(`dead letter ${id} is handled\n`);
  return failed > 0 ? 1 : 0;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
