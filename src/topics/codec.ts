// Bytes ↔ typed values. A codec is made once per topic: its schema is compiled, not interpreted.

import { FormatRegistry, type TSchema, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { ValueErrorIterator } from "@sinclair/typebox/errors";
import { toReason, ViadutoError } from "../lib/errors.ts";

/** How a payload's bytes are read: JSON (RFC 8259), UTF-8 text, or as they are. */
export type Content = "json" | "text" | "bytes";

/** Where a value differs from its schema. `path` is a JSON pointer (RFC 6901); "" is the whole. */
type PayloadProblem = {
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
/** A byte order mark is part of a text, and before JSON it is left out (RFC 8259 section 8.1). */
const DECODERS = {
  text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }),
  json: new TextDecoder("utf-8", { fatal: true }),
} as const;

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
      if (content === "text") return toText(topic, String(value));
      if (content === "json") return Buffer.from(toJson(topic, value));
      if (!(value instanceof Uint8Array)) {
        throw toPayloadInvalid(topic, { path: "", expected: "bytes", found: describe(value) });
      }
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    },
  };
}

function decodeText(topic: string, payload: Buffer, content: "json" | "text"): unknown {
  try {
    const text = DECODERS[content].decode(payload);
    return content === "text" ? text : JSON.parse(text);
  } catch (cause) {
    const expected = content === "json" ? `JSON (${toReason(cause)})` : "UTF-8 text";
    const found = payload.length === 0 ? "nothing" : describe(payload.toString());
    throw toPayloadInvalid(topic, { path: "", expected, found }, cause);
  }
}

/** Throws over half a surrogate pair, which UTF-8 cannot say. */
function toText(topic: string, text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  throw toPayloadInvalid(topic, { path: "", expected: "valid Unicode", found: describe(text) });
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
  if (text.length <= FOUND_CHARACTERS_MAX) return text;
  return `${text.slice(0, FOUND_CHARACTERS_MAX).toWellFormed()}…`;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // What JSON cannot say is shown by its type.
  }
}

// TypeBox knows no formats until it is told; an unknown format would refuse every value.
function registerFormats(): void {
  if (!FormatRegistry.Has("date-time")) FormatRegistry.Set("date-time", isDateTime);
}

const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

// RFC 3339 section 5.6, as JSON Schema's "date-time" asks; a leap second is one.
function isDateTime(text: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  // The last day of a month is the day 0 of the next.
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
