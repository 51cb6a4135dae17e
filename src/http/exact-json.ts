// JSON whose long numbers stay as they were written: an id of 19 digits is more than a number of
// JavaScript can say, and would go out changed. Called for the bodies of requests. Pure.

import { ViadutoError } from "../lib/errors.ts";

/** What a number of JavaScript may not be able to say. All else takes the short way. */
const LONG_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;
const SHOWN_CHARACTERS = 24;

type Reviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;
// TypeScript does not know them yet (tc39.es/proposal-json-parse-with-source).
const { parse, rawJSON } = JSON as unknown as {
  readonly parse: (text: string, reviver: Reviver) => unknown;
  readonly rawJSON: (text: string) => unknown;
};

/**
 * The value. A number that would change is an object that `JSON.stringify` writes as it was. Throws
 * `body_invalid` for one that is larger than numbers are, and SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  try {
    return parse(text, (_key, value, { source }) => {
      return typeof value === "number" ? keepNumber(value, source) : value;
    });
  } catch (error) {
    // Nested too deeply for a reviver: the limit of depth says so, which is lower.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

function keepNumber(value: number, source: string): unknown {
  const isShort = !LONG_NUMBER.test(source) || String(value) === source;
  if (Number.isFinite(value)) return isShort ? value : rawJSON(source);
  const shown = source.slice(0, SHOWN_CHARACTERS);
  throw new ViadutoError("body_invalid", { reason: `${shown} is more than a number can be` });
}
