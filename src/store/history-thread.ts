// The main thread's side of the history's thread: starts it, asks it, and notices when it is gone.
// Called by history alone.

import { ViadutoError } from "../lib/errors.ts";
import type {
  HistoryFindings,
  HistoryOrder,
  HistoryQuestion,
  HistoryReport,
} from "./history-orders.ts";
import type { NewestRow } from "./history-search.ts";

type Answer = Extract<HistoryReport, { number: number }>;
export type Told = Exclude<HistoryReport, { number: number } | { kind: "closed" }>;

export type HistoryThread = {
  readonly tell: (order: HistoryOrder, transfer?: ArrayBuffer[]) => void;
  /** Rejects with `history_unavailable`, and `history_busy` when too many wait. */
  readonly find: (
    question: Exclude<HistoryQuestion, { kind: "newest" }>,
  ) => Promise<HistoryFindings>;
  readonly findNewest: (limit: number) => Promise<readonly NewestRow[]>;
  /** Resolves when it has done all that it was told, or time is up; nothing is told after that. */
  readonly close: () => Promise<void>;
};

export type HistoryThreadOptions = {
  readonly onReport: (report: Told) => void;
  /** It is gone, and what it was told is lost. */
  readonly onGone: (reason: string) => void;
};

const NOTHING: HistoryFindings = { rows: [], lookedAt: 0, isLast: true };
const QUESTIONS_MAX = 64;
/** What waits is a few megabytes; a disk that takes longer for them takes nothing. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The thread, starting; what it is told meanwhile waits for it. */
export function startHistoryThread({ onReport, onGone }: HistoryThreadOptions): HistoryThread {
  const worker = new Worker(toWorkerUrl());
  worker.unref();
  const questions = createQuestions((order) => worker.postMessage(order));
  const closed = Promise.withResolvers<void>();
  worker.onmessage = ({ data: report }: MessageEvent<HistoryReport>) => {
    if (report.kind === "closed") closed.resolve();
    else if ("number" in report) questions.take(report);
    else onReport(report);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    questions.end(event.message);
    closed.resolve();
    onGone(event.message);
  };
  return {
    tell: (order, transfer = []) => worker.postMessage(order, transfer),
    async find(question) {
      const report = await questions.ask(question);
      return report.kind === "found" ? report.findings : NOTHING;
    },
    async findNewest(limit) {
      const report = await questions.ask({ kind: "newest", limit });
      return report.kind === "newest" ? report.newest : [];
    },
    async close() {
      const timer = setTimeout(closed.resolve, CLOSE_TIMEOUT_MS);
      worker.ref(); // Else a process with nothing else to do would not wait for it.
      worker.postMessage({ kind: "close" });
      await closed.promise;
      clearTimeout(timer);
      questions.end("the bridge is stopping");
      worker.terminate();
    },
  };
}

type Ask = (question: HistoryQuestion) => Promise<Answer>;

// Questions under way, each under a number that its answer has, too.
function createQuestions(send: (order: HistoryOrder) => void) {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let lastNumber = 0;
  const ask: Ask = async (question) => {
    if (waiting.size >= QUESTIONS_MAX) throw new ViadutoError("history_busy");
    const number = ++lastNumber;
    const answer = Promise.withResolvers<Answer>();
    waiting.set(number, answer);
    send({ ...question, number });
    const report = await answer.promise;
    if (report.kind === "failed") throw toUnavailable(report.reason);
    return report;
  };
  return {
    ask,
    take(report: Answer) {
      waiting.get(report.number)?.resolve(report);
      waiting.delete(report.number);
    },
    end(reason: string) {
      for (const one of waiting.values()) one.reject(toUnavailable(reason));
      waiting.clear();
    },
  };
}

function toUnavailable(reason: string): ViadutoError {
  return new ViadutoError("history_unavailable", { reason });
}

// In the binary all modules stand in one file, and an entry point beside it keeps its place in src.
function toWorkerUrl(): URL {
  const isBundled = !import.meta.url.endsWith("/history-thread.ts");
  return new URL(isBundled ? "./store/history-worker.js" : "./history-worker.ts", import.meta.url);
}
