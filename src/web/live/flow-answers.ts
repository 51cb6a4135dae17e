// The JSON of GET /flows and /flows/<id>: types alone. A test holds that what the routes send fits
// them.

export type FlowSenderJson = {
  readonly kind: "http" | "handler" | "client" | "broker" | "dead_letter";
  readonly method?: string;
  readonly route?: string;
  readonly request_id?: string;
  readonly caller?: string;
  readonly client_id?: string;
  readonly handler?: string;
  /** The flow in which that handler ran. */
  readonly flow?: number;
  readonly dead_letter?: number;
  readonly sent_ms?: number;
  readonly acknowledged_ms?: number;
  readonly answered_ms?: number;
  readonly code?: string;
};

export type FlowPublishJson = {
  /** Absent when whoever looks may not read it. */
  readonly topic?: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly is_reply: boolean;
  readonly is_call: boolean;
  readonly sent_ms: number;
  readonly acknowledged_ms?: number;
  readonly answered_ms?: number;
  readonly code?: string;
  readonly detail?: string;
  /** Of the message, where a handler of this bridge got it. */
  readonly flow?: number;
};

export type FlowOutcomeJson = "done" | "failed" | "timeout" | "retried" | "dead_letter";

export type FlowRunJson = {
  readonly handler: string;
  /** From 1; 0 when the payload does not fit, and it did not run. */
  readonly attempt: number;
  readonly queued_ms?: number;
  /** Absent while it waits for its turn. */
  readonly start_ms?: number;
  /** Absent while it runs. */
  readonly end_ms?: number;
  readonly outcome?: FlowOutcomeJson;
  readonly code?: string;
  readonly detail?: string;
  readonly dead_letter?: number;
  readonly publishes: readonly FlowPublishJson[];
};

/** The story of a message. All `_ms` count from `at`; `id` is ordered. */
export type FlowJson = {
  readonly id: number;
  readonly at: string;
  readonly status: "running" | "done" | "failed";
  readonly sender: FlowSenderJson;
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  readonly payload_bytes: number;
  readonly payload_cut?: true;
  readonly arrived_ms: number;
  readonly runs: readonly FlowRunJson[];
  /** Runs and publishes that are too many to be told. */
  readonly left_out?: number;
};

export type FlowsJson = {
  readonly flows: readonly FlowJson[];
  /** Ask with `?after=` for what comes. */
  readonly next: number;
  /** Messages so far that came too fast to be told. */
  readonly skipped: number;
};
