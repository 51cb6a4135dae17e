// Text → typed value, checked against the option's schema. A few lines of our own: the types of
// options are few, and TypeBox's checker would cost every start 4 ms.

import type { TSchema } from "@sinclair/typebox";
import { type OptionFacts, TEXT_BYTES_MAX } from "./option-kinds.ts";
import type { Option } from "./options.ts";
import { type Given, toOptionInvalid } from "./source.ts";

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "1", "yes", "on"].map((word) => [word, true] as const),
  ...["false", "0", "no", "off"].map((word) => [word, false] as const),
]);

/** The typed value of what was given. Throws `option_invalid`. */
export function parseOption(option: Option, given: Given): unknown {
  const value = parseValue(option.schema, given.text);
  if (value === undefined) throw toOptionInvalid(option, given);
  return value;
}

/** A whole number within the bounds, or undefined. */
export function parseInteger(text: string, minimum: number, maximum: number): number | undefined {
  if (!/^\s*\d+\s*$/.test(text)) return undefined;
  const value = Number(text);
  return value >= minimum && value <= maximum ? value : undefined;
}

function parseValue(schema: TSchema, text: string): unknown {
  if (schema.type === "string" && schema.const === undefined) return parseText(schema, text);
  const typed = text.trim().toLowerCase();
  const aliases: OptionFacts["aliases"] = schema.aliases;
  const word = aliases && Object.hasOwn(aliases, typed) ? (aliases[typed] ?? typed) : typed;
  if (schema.anyOf) {
    const values: unknown[] = schema.anyOf.map((one: TSchema) => parseValue(one, word));
    return values.find((value) => value !== undefined);
  }
  if (schema.const !== undefined) return word === String(schema.const) ? schema.const : undefined;
  return schema.type === "boolean"
    ? BOOLEANS.get(word)
    : parseInteger(word, schema.minimum, schema.maximum);
}

function parseText(schema: TSchema, text: string): string | undefined {
  // NUL ends a path in the system's calls, and no MQTT string may have it [MQTT-1.5.4-2].
  if (text.includes("\0") || Buffer.byteLength(text) > TEXT_BYTES_MAX) return undefined;
  if (text.length < (schema.minLength ?? 0)) return undefined;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text)) return undefined;
  return text;
}
