// What the bridge has subscribed to, kept for its next start: a broker keeps a session's filters
// while the bridge is away, and can not be asked for them. Opened by bridge.ts, written by the link
// before each SUBSCRIBE. A file that cannot be read or written never stops the bridge.

import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { toReason } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { findPacketProblem } from "../lib/packet-rules.ts";
import { IN_MEMORY } from "./database-file.ts";

/** Filters by the broker's label; the broker that was asked last stands last. */
export type FiltersByBroker = ReadonlyMap<string, ReadonlySet<string>>;

export type KnownFilters = {
  /** What the sessions at the brokers may hold since earlier runs. */
  readonly filters: FiltersByBroker;
  /** Resolves when this is on disk, or can not be, which is logged. One call at a time. */
  keep(filters: FiltersByBroker): Promise<void>;
};

export type KnownFiltersOptions = {
  /** The data folder; `:memory:` keeps nothing. */
  readonly folder: string;
  readonly clientId: string;
  readonly log: Logger;
  /** Largest file, bytes; what was asked of the oldest brokers goes first. 8 MiB when absent. */
  readonly bytesMax?: number;
  /** Brokers of which something is known, at most; 16 when absent. */
  readonly brokersMax?: number;
};

const BYTES_MAX = 8 << 20;
const BROKERS_MAX = 16;
const CONTENT = Type.Object({
  client_id: Type.String(),
  filters: Type.Record(Type.String(), Type.Array(Type.String())),
});

/** What was subscribed to as this client. Bridges with other client ids may share the folder. */
export function openKnownFilters(options: KnownFiltersOptions): KnownFilters {
  if (options.folder === IN_MEMORY) return { filters: new Map(), keep: async () => {} };
  const file = toKnownFiltersPath(options.folder, options.clientId);
  const filters = readFilters(file, options);
  let written = "";
  let isFailing = false;
  return {
    filters,
    async keep(next) {
      const text = toText(next, options);
      if (text === written) return;
      try {
        await writeWhole(file, text);
        written = text;
        isFailing = false;
      } catch (error) {
        if (!isFailing) {
          options.log.warn(
            `${file} cannot be written: ${toReason(error)}; after a restart the broker may go on ` +
              "sending what no handler subscribes to any more",
          );
        }
        isFailing = true;
      }
    },
  };
}

/** A file for each client id: processes that share the folder do not write over each other. */
export function toKnownFiltersPath(folder: string, clientId: string): string {
  // A client id may hold what no file name can, and file systems may not tell `A` from `a`.
  const name = new Bun.CryptoHasher("sha256").update(clientId).digest("hex").slice(0, 16);
  return join(folder, "subscriptions", `${name}.json`);
}

function readFilters(file: string, { clientId, log, bytesMax }: KnownFiltersOptions) {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > (bytesMax ?? BYTES_MAX)) throw new Error(`it has ${bytes.length} bytes`);
    const content = Value.Decode(CONTENT, JSON.parse(String(bytes)));
    checkContent(content, clientId);
    const entries = Object.entries(content.filters);
    return new Map(entries.map(([broker, filters]) => [broker, new Set(filters)]));
  } catch (error) {
    if (!isMissing(error)) {
      log.warn(
        `${file} cannot be read: ${toReason(error)}; the broker may go on sending what earlier ` +
          "runs subscribed to",
      );
    }
    return new Map<string, ReadonlySet<string>>();
  }
}

// What is in the file is sent to the broker, which would hang up over a filter that is none.
function checkContent({ client_id, filters }: Static<typeof CONTENT>, clientId: string): void {
  if (client_id !== clientId) throw new Error(`it is of the client '${client_id}'`);
  const unsubscriptions = Object.values(filters).flat();
  if (unsubscriptions.length === 0) return;
  const problem = findPacketProblem({ cmd: "unsubscribe", messageId: 1, unsubscriptions });
  if (problem) throw new Error(problem);
}

function toText(filters: FiltersByBroker, options: KnownFiltersOptions): string {
  const { clientId, bytesMax = BYTES_MAX, brokersMax = BROKERS_MAX } = options;
  const entries = [...filters].filter(([, { size }]) => size > 0).slice(-brokersMax);
  for (;;) {
    const known = Object.fromEntries(entries.map(([broker, set]) => [broker, [...set]]));
    const text = `${JSON.stringify({ client_id: clientId, filters: known }, undefined, 1)}\n`;
    if (entries.length === 0 || Buffer.byteLength(text) <= bytesMax) return text;
    entries.shift();
  }
}

// Never half a file: a crash leaves the one before or the one after.
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, file);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
