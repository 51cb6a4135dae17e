// What the stage reads of GET /flows: who sent a message, which handlers got it, and what they
// published. Used by stage-flows.ts and stage-play.ts. Pure.

import type { MessageJson } from "../live/bridge-answers.ts";

export type FlowsAnswer = {
  readonly flows: readonly FlowTold[];
  readonly next: number;
  readonly skipped: number;
};
export type FlowTold = Pick<
  MessageJson,
  "id" | "topic" | "payload" | "payload_encoding" | "payload_bytes"
> & {
  readonly sender: {
    readonly kind: "http" | "handler" | "client" | "broker" | "dead_letter";
    readonly method?: string;
    readonly route?: string;
    readonly caller?: string;
    readonly client_id?: string;
    readonly handler?: string;
  };
  readonly runs: readonly RunTold[];
};
export type RunTold = {
  readonly handler: string;
  readonly outcome?: "done" | "failed" | "timeout" | "retried" | "dead_letter";
  readonly publishes: readonly { readonly topic?: string; readonly is_reply: boolean }[];
};

const LEVELS_OF_NAME = 2;

/** Who is shown as the device. */
export function toSenderName({ sender, topic }: FlowTold): string {
  const { client_id, caller, method, route, handler } = sender;
  if (client_id !== undefined) return client_id;
  if (sender.kind === "http") return caller ?? `${method ?? "HTTP"} ${route ?? ""}`.trim();
  return handler ?? toTopicName(topic);
}

/** The levels that tell devices apart, mostly. */
export function toTopicName(topic: string): string {
  return topic.split("/", LEVELS_OF_NAME).join("/");
}

/** A run that is retried is not over. */
export function toOutcome(last: RunTold | undefined): "running" | "done" | "failed" {
  const outcome = last?.outcome;
  if (outcome === undefined || outcome === "retried") return "running";
  return outcome === "done" ? "done" : "failed";
}
