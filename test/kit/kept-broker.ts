// The embedded broker with a data folder, started again and again: after a clean stop on the same
// folder, and after a crash on what the crash has left.

import { Database } from "bun:sqlite";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBrokerPath } from "../../src/store/broker-file.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";
import { type BrokerTestOptions, SILENT } from "./broker-settings.ts";
import { type EmbeddedBroker, startEmbedded } from "./embedded-broker.ts";

export type DataFolder = AsyncDisposable & {
  /** Of the broker that was started last. */
  readonly path: string;
  /** A broker on the folder. */
  start(options?: BrokerTestOptions): Promise<EmbeddedBroker>;
  /**
   * What a broker starts from that follows one which ends now, without a word: all that is on the
   * disk at this moment. The one that runs changes nothing of it any more.
   */
  crash(): void;
  /** Rows of each table of the file that has any. */
  countRows(): Record<string, number>;
};

export function makeDataFolder(): DataFolder {
  const root = mkdtempSync(join(tmpdir(), "viaduto-broker-"));
  let path = mkdtempSync(join(root, "data-"));
  return {
    get path() {
      return path;
    },
    start: (options) => startOn(path, options),
    crash() {
      const left = mkdtempSync(join(root, "data-"));
      cpSync(path, left, { recursive: true });
      path = left;
    },
    countRows: () => countRows(path),
    async [Symbol.asyncDispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function startOn(folder: string, options: BrokerTestOptions = {}): Promise<EmbeddedBroker> {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(openBrokerStore({ folder, durability: "full", log: SILENT }));
  const broker = stack.use(await startEmbedded({ ...options, store }));
  const owned = stack.move();
  return { ...broker, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function countRows(folder: string): Record<string, number> {
  using db = new Database(toBrokerPath(folder), { readonly: true });
  const tables = db.query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE sql <> ''");
  const counts = tables.all().map(({ name }) => {
    const row = db.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM "${name}"`).get();
    return [name, row?.rows ?? 0] as const;
  });
  return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
}
