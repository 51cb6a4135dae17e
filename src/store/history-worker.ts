// The history's thread: it owns the file, so that a slow disk or a long search holds up nobody who
// publishes. Started by history-thread as a worker; an entry point of the compiled binary. It does
// what it is told, in order, and never speaks by itself.

import { setPriority } from "node:os";
import { toReason } from "../lib/errors.ts";
import { type HistoryFile, openHistoryFile } from "./history-file.ts";
import type { HistoryFindings, HistoryOrder, HistoryReport } from "./history-orders.ts";
import { findIds, findNewest, type HistoryQuery, readMessages } from "./history-search.ts";
import { createHistoryWriter, type HistoryLimits, type HistoryWriter } from "./history-writing.ts";

type Open = HistoryFile & { readonly writer: HistoryWriter; readonly clock: Timer };
type Timer = ReturnType<typeof setInterval>;
type Numbered = Extract<HistoryOrder, { number: number }>;

/** Of payloads, in one answer. */
const PAGE_BYTES = 2 << 20;
/** How often the file is looked through for what is too old. */
const AGE_CHECK_MS = 60_000;

/** Where the processor is scarce, messages come first; 19 would starve it. */
const NICENESS = 15;

declare const self: Worker;

const thread: { open?: Open | undefined } = {};

// Linux knows it of a thread (setpriority(2), "BUGS"); elsewhere it would be the whole process.
if (process.platform === "linux") setPriority(0, NICENESS);

self.onmessage = ({ data: order }: MessageEvent<HistoryOrder>) => {
  if (order.kind === "open") return openFile(order.folder, order.limits);
  if (order.kind === "write") return write(order);
  if (order.kind === "close") return close();
  return void answer(order);
};

function tell(report: HistoryReport, transfer: ArrayBuffer[] = []): void {
  self.postMessage(report, transfer);
}

function openFile(folder: string, limits: HistoryLimits): void {
  try {
    const file = openHistoryFile(folder);
    const writer = createHistoryWriter(file.db, limits);
    const dropOld = () => {
      try {
        writer.dropOld(Date.now());
      } catch {
        // The disk is full or gone: the next batch says so.
      }
    };
    thread.open = { ...file, writer, clock: setInterval(dropOld, AGE_CHECK_MS) };
    dropOld();
    tell({ kind: "opened", path: file.path, problems: file.problems });
  } catch (error) {
    tell({ kind: "unusable", reason: toReason(error) });
  }
}

function write({ buffer, length, count }: Extract<HistoryOrder, { kind: "write" }>): void {
  const { open } = thread;
  const written = { kind: "written", buffer } as const;
  if (!open) return tell({ ...written, recorded: 0, lost: count, bytes: 0 }, [buffer]);
  const { writer } = open;
  try {
    const lost = writer.write(buffer, length);
    tell({ ...written, recorded: count - lost, lost, bytes: writer.readBytes() }, [buffer]);
  } catch (error) {
    const reason = toReason(error);
    tell({ ...written, recorded: 0, lost: count, bytes: 0, reason }, [buffer]);
  }
}

async function answer(order: Numbered): Promise<void> {
  const { number } = order;
  try {
    const { open } = thread;
    if (!open) throw new Error("it is not open");
    if (order.kind === "newest") {
      tell({ kind: "newest", number, newest: findNewest(open.db, order.limit) });
    } else if (order.kind === "read") {
      tell({ kind: "found", number, findings: readPage(open, order.ids) });
    } else {
      tell({ kind: "found", number, findings: await find(open, order.query) });
    }
  } catch (error) {
    tell({ kind: "failed", number, reason: toReason(error) });
  }
}

async function find(open: Open, query: HistoryQuery): Promise<HistoryFindings> {
  const ids = await findIds(open.db, query, giveTurn);
  const page = readPage(open, ids);
  return { ...page, isLast: page.isLast && ids.length < query.limit };
}

function readPage({ db }: Open, ids: readonly number[]): HistoryFindings {
  const { rows, lookedAt } = readMessages(db, ids, PAGE_BYTES);
  return { rows, lookedAt, isLast: lookedAt === ids.length };
}

function giveTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function close(): void {
  clearInterval(thread.open?.clock);
  thread.open?.db.close();
  thread.open = undefined;
  tell({ kind: "closed" });
}
