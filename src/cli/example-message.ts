// A message that makes a handler run, for the banner's lines to copy. Text only.

import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { AnyHandler } from "../topics/handler.ts";
import { isStandard } from "../topics/payload-schema.ts";

export type ExampleMessage = {
  readonly topic: string;
  readonly payload: string;
  /** Where to listen for what comes of it. */
  readonly filter: string;
};

/** The built-in handler's, which everyone's first steps know. */
const FAMILIAR: ExampleMessage = {
  topic: "devices/update",
  payload: '{"device_id":"sensor-99","version":"1.0"}',
  filter: "devices/update/status/#",
};

/** A message for the first of the handlers; each parameter stands for itself. */
export function buildExampleMessage(handlers: readonly AnyHandler[]): ExampleMessage {
  const [first] = handlers;
  if (!first || handlers.some(({ topic }) => topic.pattern.text === FAMILIAR.topic)) {
    return FAMILIAR;
  }
  const levels = first.topic.pattern.levels.map((level) => {
    return level.kind === "literal" ? level.text : (level.param ?? "something");
  });
  return { topic: levels.join("/"), payload: buildPayload(first), filter: "#" };
}

function buildPayload({ topic: { schema, content } }: AnyHandler): string {
  if (content !== "json") return "hello";
  if (isStandard(schema)) return "{}";
  try {
    return JSON.stringify(Value.Create(schema as TSchema)) ?? "{}";
  } catch {
    return "{}"; // A schema with formats or patterns: no value can be made up for it.
  }
}
