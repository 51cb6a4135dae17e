// What every part of the broker's benchmark is given, and what it gives back. Types only.

import type { BrokerBenchOptions } from "./broker-options.ts";
import type { Stage } from "./contestants.ts";

export type Bench = {
  readonly stage: Stage;
  readonly options: BrokerBenchOptions;
  /** Progress; beside the figures. */
  readonly say: (line: string) => void;
};

export type Section = {
  readonly title: string;
  /** Lines of cells; the first row is the head. */
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** The same figures for programs. */
  readonly data: unknown;
};
