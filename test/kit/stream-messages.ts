// Messages as /stream has them, for tests of what the explorer does with them.

import type { StreamMessage } from "../../src/web/live/bridge-answers.ts";

export function toMessage(facts: Partial<StreamMessage> = {}): StreamMessage {
  const payload = facts.payload ?? "1";
  return {
    event: "message",
    id: 1_000_000,
    at: "1970-01-01T00:00:01Z",
    topic: "a",
    payload,
    payload_encoding: "plain",
    payload_bytes: payload.length,
    qos: 0,
    retain: false,
    ...facts,
  };
}
