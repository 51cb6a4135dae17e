// A dead letter as JSON, over HTTP and for `viaduto dead --json`. The names are those of
// POST /publish, so that a letter can be published by hand as well.

import type { DeadLetter } from "../store/dead-letters.ts";
import { toIso, toPayloadText, toPropertiesJson } from "./message-json.ts";

export type DeadLetterJson = {
  readonly id: number;
  /** When it was put there, ISO 8601. */
  readonly at: string;
  readonly handler: string;
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly received_at: string;
  readonly code: string;
  readonly reason: string;
  readonly path?: string;
  readonly attempts: number;
  readonly redrives: number;
  /** Of the whole payload. */
  readonly payload_bytes: number;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  /** There when `payload` is only the beginning. */
  readonly payload_cut?: true;
  /** Only of a letter that is shown whole. */
  readonly stack?: string;
};

/** How many bytes of each payload a list shows. */
export const LISTED_PAYLOAD_BYTES_MAX = 2_048;

/** The letter as a list shows it: its payload may be cut, its stack is left out. */
export function toListedJson(letter: DeadLetter): DeadLetterJson {
  const { message, payloadBytes } = letter;
  const payload = message.payload.subarray(0, LISTED_PAYLOAD_BYTES_MAX);
  const isCut = payload.length < payloadBytes;
  const { text, encoding } = toPayloadText(payload, isCut);
  return {
    id: letter.id,
    at: toIso(letter.atMs),
    handler: letter.handler,
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    ...(message.properties && { properties: toPropertiesJson(message.properties) }),
    received_at: toIso(message.receivedAtMs),
    code: letter.code,
    reason: letter.reason,
    ...(letter.path !== undefined && { path: letter.path }),
    attempts: letter.attempts,
    redrives: letter.redrives,
    payload_bytes: payloadBytes,
    payload: text,
    payload_encoding: encoding,
    ...(isCut && { payload_cut: true }),
  };
}

/** The letter with all that is known of it. */
export function toWholeJson(letter: DeadLetter): DeadLetterJson {
  const { payload_cut: _, ...listed } = toListedJson(letter);
  const { text, encoding } = toPayloadText(letter.message.payload, false);
  const { stack } = letter;
  return {
    ...listed,
    payload: text,
    payload_encoding: encoding,
    ...(stack !== undefined && { stack }),
  };
}
