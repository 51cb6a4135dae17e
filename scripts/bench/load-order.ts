// What the load generator is told, and what it answers. Types only.

export type LoadOrder = {
  readonly port: number;
  /** Requests outstanding at any time. */
  readonly window: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly requestTopic: string;
  /** Processes whose CPU time is read at both ends of the measured interval. */
  readonly pids: readonly number[];
};

export type LoadResult = {
  /** Round trips completed in the measured interval. */
  readonly answers: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of each of `pids`, in their order. */
  readonly cpuMs: readonly number[];
  readonly generatorCpuMs: number;
  /** Answers to requests that had been answered already (a redelivery). */
  readonly duplicates: number;
};
