// Schemas as JSON Schema that any tool can read: what stands in /openapi.json and /asyncapi.json.
// Called by the two documents. Checks nothing: that is payload-schema.ts.

import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { isStandard, type Schema } from "./payload-schema.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** Draft 07 is what AsyncAPI 3.0 builds on; all that is used here means the same in 2020-12. */
const TARGET = "draft-07";
const JSON_TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];
const BYTES: JsonSchema = { type: "string", format: "binary" };

/**
 * The schema of what is written to a topic. `pointer` is where it will stand in the document, such
 * as `#/components/schemas/state`: references within it are made to lead there. A validator that
 * cannot tell its schema becomes one that says so, and takes everything.
 */
export function toJsonSchema(schema: Schema, pointer: string): JsonSchema {
  if (isStandard(schema)) return toLocal(readStandard(schema), pointer);
  // Without the symbols by which TypeBox knows its own, and without what JSON cannot say.
  return toLocal(JSON.parse(JSON.stringify(schema)), pointer);
}

function readStandard(schema: StandardSchemaV1 | StandardJSONSchemaV1): JsonSchema {
  const standard = schema["~standard"];
  const vendor = `checked by a validator of ${standard.vendor}`;
  // Valibot offers it in a package of its own, older versions of others not at all.
  if (!("jsonSchema" in standard)) return { description: `${vendor}, which tells no JSON Schema` };
  try {
    const { $schema: _, ...told } = standard.jsonSchema.input({ target: TARGET });
    return told;
  } catch {
    return { description: `${vendor}, which JSON Schema has no words for` };
  }
}

// In a schema of its own `#` is its root, and a name the part with that `$id`; in a document they
// would be the document and a file.
function toLocal(schema: JsonSchema, pointer: string): JsonSchema {
  const places = new Map<string, string>();
  const find = (part: unknown, place: string) => {
    if (!isObject(part)) return;
    if (typeof part.$id === "string") places.set(part.$id, place);
    for (const [key, value] of Object.entries(part)) find(value, `${place}/${escapeToken(key)}`);
  };
  find(schema, pointer);
  return rewrite(schema, (reference) => {
    const name = reference.replace(/^#$/, "");
    if (name === "") return pointer;
    if (name.startsWith("#/")) return pointer + name.slice(1);
    return places.get(name) ?? reference;
  }) as JsonSchema;
}

function rewrite(part: unknown, lead: (reference: string) => string): unknown {
  if (Array.isArray(part)) return part.map((one) => rewrite(one, lead));
  if (!isObject(part)) return part;
  const { $id: _, ...own } = part;
  if (own.type === "Uint8Array") return BYTES;
  const literals = readLiterals(own.anyOf);
  if (literals) {
    const { anyOf: __, ...rest } = own;
    return { ...rest, enum: literals };
  }
  const entries = Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
    // TypeBox's own types, such as Date, which are none of JSON.
    if (key === "type" && typeof value === "string" && !JSON_TYPES.includes(value)) return [];
    if (key === "$ref" && typeof value === "string") return [[key, lead(value)]];
    return [[key, rewrite(value, lead)]];
  });
  return Object.fromEntries(entries);
}

// TypeBox' way to say one of a few values; an enumeration means the same, and is easier to read.
function readLiterals(anyOf: unknown): unknown[] | undefined {
  if (!Array.isArray(anyOf)) return undefined;
  const isLiteral = (one: unknown) => isObject(one) && "const" in one;
  return anyOf.every(isLiteral) ? anyOf.map((one) => one.const) : undefined;
}

function escapeToken(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
