// What the broker's load generator is told, and what it answers. Types only.

export type FlowOrder = {
  readonly port: number;
  readonly qos: 0 | 1;
  readonly publishers: number;
  /** Each gets every message. */
  readonly subscribers: number;
  /** Beside those: they read nothing in the measured interval, and nobody waits for them. */
  readonly slowSubscribers: number;
  /** True: the subscribers' sessions outlive their connections. */
  readonly isSessionKept: boolean;
  /** Messages of one publisher that not all subscribers have got yet. */
  readonly window: number;
  readonly payloadBytes: number;
  readonly warmUpSeconds: number;
  /** The measured interval ends after this time, or after so many messages. */
  readonly length: { readonly seconds: number } | { readonly messages: number };
  /** Processes whose CPU time is read at both ends of the measured interval. */
  readonly pids: readonly number[];
};

export type FlowResult = {
  /** Messages that came to subscribers in the measured interval. */
  readonly deliveries: number;
  readonly seconds: number;
  /** Of each of `pids`, in their order. */
  readonly cpuMs: readonly number[];
  readonly generatorCpuMs: number;
  /** Messages of one publisher that did not come right after the one sent before. */
  readonly outOfOrder: number;
  /** Messages that never came, also before the measured interval. */
  readonly lost: number;
};
