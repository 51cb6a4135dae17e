// Bytes ↔ typed values. A codec is made once per topic.

import { toReason, ViadutoError } from "../lib/errors.ts";
import { describe } from "./describe.ts";
import { createCheck, type PayloadProblem, type Schema } from "./payload-schema.ts";

/** How a payload's bytes are read: JSON (RFC 8259), UTF-8 text, or as they are. */
export type Content = "json" | "text" | "bytes";

export type Codec = {
  /** The typed value of a payload. Throws `payload_invalid`, with path, expected and found. */
  decode(payload: Buffer): unknown;
  /** The payload of a value. Throws `payload_invalid` before anything is sent. */
  encode(value: unknown): Buffer;
};

/** A byte order mark is part of a text, and before JSON it is left out (RFC 8259 section 8.1). */
const DECODERS = {
  text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }),
  json: new TextDecoder("utf-8", { fatal: true }),
} as const;

/** A codec for one topic; `topic` is only named in errors. */
export function createCodec(topic: string, schema: Schema, content: Content): Codec {
  const check = createCheck(schema);
  function toChecked(value: unknown): unknown {
    const checked = check(value);
    if ("problem" in checked) throw toPayloadInvalid(topic, checked.problem);
    return checked.value;
  }
  return {
    decode(payload) {
      // A copy: a handler that changes its bytes must not change those of others.
      const value =
        content === "bytes" ? Buffer.from(payload) : decodeText(topic, payload, content);
      return toChecked(value);
    },
    encode(value) {
      // What a validator makes of the value is for the reader: sent is what was given.
      toChecked(value);
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
  const { path, expected, found, isSentence } = problem;
  const words = isSentence ? expected : `expected ${expected}`;
  const reason = `${path === "" ? "" : `${path}: `}${words}, found ${found}`;
  return new ViadutoError("payload_invalid", { topic, reason, path, expected, found }, { cause });
}
