// Bytes ↔ typed values. A codec is made once per topic: its schema is compiled, not interpreted.

import { FormatRegistry, type TSchema, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { ValueErrorIterator } from "@sinclair/typebox/errors";
import { toReason, ViadutoError } from "../lib/errors.ts";

/** How a payload's bytes are read: JSON (RFC 8259), UTF-8 text, or as they are. */
export type Content = "json" | "text" | "bytes";

/** Where a value differs from its schema. `path` is a JSON pointer (RFC 6901); "" is the whole. */
export type PayloadProblem = {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
};

export type Codec = {
  /** The typed value of a payload. Throws `payload_invalid`, with path, expected and found. */
  decode(payload: Buffer): unknown;
  /** The payload of a value. Throws `payload_invalid` before anything is sent. */
  encode(value: unknown): Buffer;
};

const FOUND_CHARACTERS_MAX = 60;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The schema of a topic that names none: any JSON, any text, any bytes. */
export const DEFAULT_SCHEMAS = {
  json: Type.Unknown(),
  text: Type.String(),
  bytes: Type.Uint8Array(),
} as const satisfies Record<Content, TSchema>;

/** A codec for one topic; `topic` is only named in errors. */
export function createCodec(topic: string, schema: TSchema, content: Content): Codec {
  registerFormats();
  const compiled = TypeCompiler.Compile(schema);

  function check(value: unknown): void {
    if (compiled.Check(value)) return;
    throw toPayloadInvalid(topic, findProblem(compiled.Errors(value)));
  }
  return {
    decode(payload) {
      const value = content === "bytes" ? payload : decodeText(topic, payload, content);
      check(value);
      return value;
    },
    encode(value) {
      check(value);
      if (value instanceof Uint8Array)
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      return Buffer.from(content === "text" ? String(value) : toJson(topic, value));
    },
  };
}

function decodeText(topic: string, payload: Buffer, content: Content): unknown {
  try {
    const text = utf8.decode(payload);
    return content === "text" ? text : JSON.parse(text);
  } catch (cause) {
    const expected = content === "json" ? `JSON (${toReason(cause)})` : "UTF-8 text";
    const found = payload.length === 0 ? "nothing" : describe(payload.toString());
    throw toPayloadInvalid(topic, { path: "", expected, found }, cause);
  }
}

/** Throws where JSON has no word for the value: undefined, a function, a bigint, a circle. */
function toJson(topic: string, value: unknown): string {
  const toProblem = (expected: string) => ({ path: "", expected, found: describe(value) });
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw toPayloadInvalid(topic, toProblem(`JSON (${toReason(cause)})`), cause);
  }
  if (text === undefined) throw toPayloadInvalid(topic, toProblem("JSON"));
  return text;
}

function toPayloadInvalid(topic: string, problem: PayloadProblem, cause?: unknown): ViadutoError {
  const { path, expected, found } = problem;
  const reason = `${path === "" ? "" : `${path}: `}expected ${expected}, found ${found}`;
  return new ViadutoError("payload_invalid", { topic, reason, path, expected, found }, { cause });
}

function findProblem(errors: ValueErrorIterator): PayloadProblem {
  const first = errors.First();
  if (!first) return { path: "", expected: "what the schema says", found: "something else" };
  const expected = first.message.replace(/^Expected /, "");
  return { path: first.path, expected, found: describe(first.value) };
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  const text = stringify(value) ?? typeof value;
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}…` : text;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // What JSON can not say is shown by its type.
  }
}

// TypeBox knows no formats until it is told; an unknown format would refuse every value.
function registerFormats(): void {
  if (FormatRegistry.Has("date-time")) return;
  // RFC 3339 section 5.6, as JSON Schema's "date-time" asks.
  const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
  FormatRegistry.Set("date-time", (text) => dateTime.test(text) && !Number.isNaN(Date.parse(text)));
}
