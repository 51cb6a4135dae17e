// Sends the same again and again, one after the other, until somebody stops it. It has no clock of
// its own and no view: the page hands in how to wait, and shows the state.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Outcome } from "./publish-outcome.ts";

export type RepeatState =
  | { readonly kind: "idle" }
  | ({ readonly kind: "running" } & Counts)
  | ({ readonly kind: "stopped"; readonly reason: StopReason } & Counts);
type Counts = {
  readonly sent: number;
  /** Of these nobody was there to hear. */
  readonly unheard: number;
};
export type StopReason = "reader" | "done" | "failed" | "hidden" | "left";

export type Repeater = {
  readonly state: ReadonlySignal<RepeatState>;
  readonly start: (send: () => Promise<Outcome>, pace: Pace) => void;
  readonly stop: (reason: StopReason) => void;
};
export type Pace = {
  /** From one to the next; later when the broker takes longer. */
  readonly everyMs: number;
  /** Undefined: until it is stopped. */
  readonly timesMax: number | undefined;
};

/** Runs after so many milliseconds; gives what prevents it. */
export type Schedule = (run: () => void, ms: number) => () => void;

export function createRepeater(schedule: Schedule, now: () => number): Repeater {
  const state = signal<RepeatState>({ kind: "idle" });
  let cancel = () => {};
  let run = 0;

  const stop = (reason: StopReason) => {
    const current = state.peek();
    if (current.kind !== "running") return;
    cancel();
    run += 1;
    state.value = { ...current, kind: "stopped", reason };
  };

  async function sendOnce(send: () => Promise<Outcome>, pace: Pace, own: number): Promise<void> {
    const startedMs = now();
    const outcome = await send();
    const current = state.peek();
    if (own !== run || current.kind !== "running") return; // It was stopped meanwhile.
    if (outcome.kind === "failed") return stop("failed");
    const isUnheard = outcome.kind === "published" && outcome.hearing === "unheard";
    const sent = current.sent + 1;
    state.value = { kind: "running", sent, unheard: current.unheard + Number(isUnheard) };
    if (pace.timesMax !== undefined && sent >= pace.timesMax) return stop("done");
    const pauseMs = Math.max(0, startedMs + pace.everyMs - now());
    cancel = schedule(() => void sendOnce(send, pace, own), pauseMs);
  }

  return {
    state,
    stop,
    start(send, pace) {
      stop("reader");
      run += 1;
      state.value = { kind: "running", sent: 0, unheard: 0 };
      void sendOnce(send, pace, run);
    },
  };
}
