// What the stage reads of GET /flows: who sent a message, which handlers got it, and what they
// published. Used by stage-flows.ts and stage-play.ts. Pure.

import type { FlowJson, FlowPublishJson, FlowRunJson, FlowsJson } from "../live/flow-answers.ts";

export type FlowsAnswer = Pick<FlowsJson, "next" | "skipped"> & {
  readonly flows: readonly FlowTold[];
};
export type FlowTold = Pick<
  FlowJson,
  "id" | "topic" | "payload" | "payload_encoding" | "payload_bytes" | "sender"
> & { readonly runs: readonly RunTold[] };
export type RunTold = Pick<FlowRunJson, "handler" | "outcome"> & {
  readonly publishes: readonly Pick<FlowPublishJson, "topic" | "is_reply">[];
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
