// What the main thread and the history's thread say to each other. Types only.

import type { HistoryQuery, HistoryRow, NewestRow } from "./history-search.ts";
import type { HistoryLimits } from "./history-writing.ts";

/** To the thread. An order with a number is answered with it. */
export type HistoryOrder =
  | { readonly kind: "open"; readonly folder: string; readonly limits: HistoryLimits }
  | {
      readonly kind: "write";
      readonly buffer: ArrayBuffer;
      readonly length: number;
      readonly count: number;
    }
  | (HistoryQuestion & { readonly number: number })
  | { readonly kind: "close" };

export type HistoryQuestion =
  | { readonly kind: "find"; readonly query: HistoryQuery }
  | { readonly kind: "newest"; readonly limit: number }
  | { readonly kind: "read"; readonly ids: readonly number[] };

export type HistoryFindings = {
  readonly rows: readonly HistoryRow[];
  /** How many of the ids that were found, or asked for, are in it. */
  readonly lookedAt: number;
  /** False when the page is full, and there may be more. */
  readonly isLast: boolean;
};

/** From the thread. */
export type HistoryReport =
  | { readonly kind: "opened"; readonly path: string; readonly problems: readonly string[] }
  /** Nothing can be recorded. */
  | { readonly kind: "unusable"; readonly reason: string }
  | {
      readonly kind: "written";
      /** To be filled again. */
      readonly buffer: ArrayBuffer;
      readonly recorded: number;
      readonly lost: number;
      readonly bytes: number;
      /** Why they are lost. */
      readonly reason?: string;
    }
  | { readonly kind: "found"; readonly number: number; readonly findings: HistoryFindings }
  | { readonly kind: "newest"; readonly number: number; readonly newest: readonly NewestRow[] }
  | { readonly kind: "failed"; readonly number: number; readonly reason: string }
  | { readonly kind: "closed" };
