// How messages get to the history's thread, and what becomes of them. Called by history alone.

import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { IN_MEMORY } from "./database-file.ts";
import { createBatches } from "./history-batches.ts";
import { createPace } from "./history-pace.ts";
import { createSkipping } from "./history-skipping.ts";
import { type HistoryThread, startHistoryThread, type Told } from "./history-thread.ts";
import type { HistoryLimits } from "./history-writing.ts";
import type { ObservedMessage } from "./observation.ts";

export type HistoryRecordingOptions = HistoryLimits & {
  /** Where the file is, or `:memory:`. */
  readonly folder: string;
  /** Of one payload; the rest of it is not recorded. */
  readonly payloadBytesMax: number;
  /** Messages, over time. */
  readonly perSecondMax: number;
  readonly log: Logger;
};

export type HistoryFigures = {
  /** Since the start. */
  readonly recorded: number;
  /** Since the start: the disk was too slow, or did not take them. */
  readonly skipped: number;
  /** What the file takes; 0 until something is written. */
  readonly bytes: number;
};

export type HistoryRecording = {
  readonly record: (message: ObservedMessage) => void;
  /** Sends what waits. Gives the thread, to be asked; throws `history_unavailable`. */
  readonly flush: () => HistoryThread;
  readonly figures: HistoryFigures;
  /** Writes what waits; the same however often it is called. */
  readonly close: () => Promise<void>;
};

/** In memory it must not grow as a file may. */
const MEMORY_BYTES_MAX = 64 << 20;

export function createHistoryRecording(options: HistoryRecordingOptions): HistoryRecording {
  const { payloadBytesMax, perSecondMax, log } = options;
  const isInTime = createPace(perSecondMax);
  const figures = { recorded: 0, skipped: 0, bytes: 0 };
  const skipping = createSkipping(log, (count) => {
    figures.skipped += count;
  });
  const owner = createThreadOwner(options, (report) => {
    figures.recorded += report.recorded;
    if (report.bytes > 0) figures.bytes = report.bytes;
    if (report.lost > 0) skipping.add(report.lost, report.reason ?? "their ids are taken");
    batches.takeBack(report.buffer);
  });
  const batches = createBatches({
    payloadBytesMax,
    send: ({ buffer, length, count }) => {
      if (owner.isGone()) return;
      owner.getThread().tell({ kind: "write", buffer, length, count }, [buffer]);
    },
    onSkip: () => skipping.add(1, "the disk is too slow"),
  });
  return {
    record(message) {
      if (owner.isGone()) figures.skipped += 1;
      // The broker's own figures come every few seconds, and are worth nothing later.
      else if (message.topic.startsWith("$SYS/")) return;
      else if (isInTime(message.receivedAtMs)) batches.add(message);
      else skipping.add(1, "they are more than --history-per-second-max");
    },
    flush() {
      batches.flush();
      return owner.getThread();
    },
    figures,
    async close() {
      batches.flush();
      await owner.close();
      skipping.tell();
    },
  };
}

type Written = Extract<Told, { kind: "written" }>;
type State =
  | { readonly kind: "waiting" }
  | { readonly kind: "running"; readonly thread: HistoryThread }
  | { readonly kind: "gone"; readonly reason: string; readonly closing: Promise<void> };

// The thread starts when it is needed first, and never again when it is gone.
function createThreadOwner(
  { folder, log, ...limits }: HistoryRecordingOptions,
  onWritten: (report: Written) => void,
) {
  let state: State = { kind: "waiting" };

  function end(reason: string): Promise<void> {
    if (state.kind === "gone") return state.closing;
    const closing = state.kind === "running" ? state.thread.close() : Promise.resolve();
    state = { kind: "gone", reason, closing };
    return closing;
  }
  function stopRecording(reason: string): void {
    if (state.kind === "gone") return;
    void end(reason);
    log.error(`messages are not recorded any more: ${reason}`);
  }
  function onReport(report: Told): void {
    if (report.kind === "written") return onWritten(report);
    if (report.kind === "unusable") return stopRecording(report.reason);
    for (const problem of report.problems) log.error(`${problem}; recording to ${report.path}`);
  }
  return {
    isGone: () => state.kind === "gone",
    getThread(): HistoryThread {
      if (state.kind === "running") return state.thread;
      if (state.kind === "gone") {
        throw new ViadutoError("history_unavailable", { reason: state.reason });
      }
      const thread = startHistoryThread({ onReport, onGone: stopRecording });
      thread.tell({ kind: "open", folder, limits: toLimits(folder, limits) });
      state = { kind: "running", thread };
      return thread;
    },
    close: () => end("the bridge is stopping"),
  };
}

function toLimits(folder: string, { bytesMax, ageMsMax, perTopicMax }: HistoryLimits) {
  const limits = { bytesMax, ageMsMax, perTopicMax };
  if (folder !== IN_MEMORY) return limits;
  return { ...limits, bytesMax: Math.min(bytesMax, MEMORY_BYTES_MAX) };
}
