// A dead letter as the row of a table, and back, with nothing lost. Used by dead-letters alone.

import type { ErrorCode } from "../lib/errors.ts";
import type { Message, QoS } from "../topics/message.ts";
import { formatProperties, parseProperties } from "./property-json.ts";

/** What is put: a message that reached no handler, or whose handler failed to the last. */
export type NewDeadLetter = {
  /** The handler's name. */
  readonly handler: string;
  readonly message: Message;
  readonly code: ErrorCode;
  readonly reason: string;
  /** JSON pointer (RFC 6901) to the wrong part of the payload. */
  readonly path?: string;
  /** Runs of the handler; 0 when the payload did not fit. */
  readonly attempts: number;
  readonly stack?: string;
};

/** What is kept. */
export type DeadLetter = NewDeadLetter & {
  readonly id: number;
  /** When it was put here first, milliseconds since 1970. */
  readonly atMs: number;
  /** Redrives that failed again. */
  readonly redrives: number;
  /** Of the whole payload, also where only its beginning was asked for. */
  readonly payloadBytes: number;
};

/** What a redrive that failed brings up to date. */
export type Failure = Pick<NewDeadLetter, "code" | "reason" | "path" | "attempts" | "stack">;

export type FailureColumns = {
  readonly code: string;
  readonly reason: string;
  readonly path: string | null;
  readonly attempts: number;
  readonly stack: string | null;
};
export type NewRow = FailureColumns & {
  readonly handler: string;
  readonly topic: string;
  readonly payload_bytes: number;
  readonly qos: number;
  readonly retain: number;
  readonly duplicate: number;
  readonly received_at_ms: number;
  readonly properties: string | null;
  readonly payload: Uint8Array;
};
export type Row = NewRow & {
  readonly id: number;
  readonly at_ms: number;
  readonly redrives: number;
};

/** An error's text can be as long as its thrower likes. */
const REASON_CHARACTERS_MAX = 4_000;
const STACK_CHARACTERS_MAX = 16_000;

export function toRow({ handler, message, ...failure }: NewDeadLetter): NewRow {
  const { topic, payload, qos, retain, duplicate, receivedAtMs, properties } = message;
  return {
    ...toFailureColumns(failure),
    handler,
    topic,
    payload_bytes: payload.length,
    qos,
    retain: Number(retain),
    duplicate: Number(duplicate),
    received_at_ms: receivedAtMs,
    properties: properties ? formatProperties(properties) : null,
    payload,
  };
}

export function toFailureColumns(failure: Failure): FailureColumns {
  const { code, reason, path, attempts, stack } = failure;
  return {
    code,
    reason: reason.slice(0, REASON_CHARACTERS_MAX),
    path: path?.slice(0, REASON_CHARACTERS_MAX) ?? null,
    attempts,
    stack: stack?.slice(0, STACK_CHARACTERS_MAX) ?? null,
  };
}

export function fromRow(row: Row): DeadLetter {
  const { handler, attempts, reason, path, stack, id, redrives } = row;
  return {
    id,
    atMs: row.at_ms,
    handler,
    message: toMessage(row),
    // One that a later version does not know any more is still what it was called.
    code: row.code as ErrorCode,
    reason,
    ...(path !== null && { path }),
    attempts,
    redrives,
    ...(stack !== null && { stack }),
    payloadBytes: row.payload_bytes,
  };
}

function toMessage({ topic, payload, properties, ...row }: Row): Message {
  return {
    topic,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    qos: row.qos as QoS,
    retain: row.retain !== 0,
    duplicate: row.duplicate !== 0,
    receivedAtMs: row.received_at_ms,
    ...(properties !== null && { properties: parseProperties(properties) }),
  };
}
