// A JSON Schema as people read it: names, types, what they mean. Knows no document but its root.

import type { JsonSchema } from "./curl-line.ts";
import { type Content, make, makeWords } from "./elements.ts";
import { resolve } from "./json-example.ts";

const DEPTH_MAX = 8;

/** A list of the schema's fields; of one without fields a word on its type. */
export function makeSchema(given: JsonSchema, root: unknown, depth = 0): Content {
  const schema = resolve(given, root);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  if (properties.length === 0 || depth > DEPTH_MAX) {
    const items = schema.items && makeSchema(schema.items as JsonSchema, root, depth + 1);
    return [make("p", { class: "type" }, describeType(schema, root)), items as Content];
  }
  const required = (schema.required ?? []) as readonly string[];
  const rows = properties.map(([name, property]) => {
    return makeRow(name, property, required.includes(name), root, depth);
  });
  return make("ul", { class: "fields" }, rows);
}

function makeRow(
  name: string,
  given: JsonSchema,
  isRequired: boolean,
  root: unknown,
  depth: number,
): HTMLElement {
  const schema = resolve(given, root);
  const inner = schema.properties ? schema : resolve((schema.items ?? {}) as JsonSchema, root);
  const { description } = schema;
  return make(
    "li",
    {},
    make("code", { class: "name" }, name),
    " ",
    make("span", { class: "type" }, describeType(schema, root)),
    isRequired ? "" : make("span", { class: "optional" }, " optional"),
    typeof description === "string" ? make("span", { class: "words" }, makeWords(description)) : "",
    inner.properties ? makeSchema(inner, root, depth + 1) : "",
  );
}

/** `string`, `integer from 1 to 9`, `"plain" or "base64"`, `list of string`. */
export function describeType(given: JsonSchema, root: unknown): string {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return choices.map((one) => describeType(one, root)).join(" or ");
  if (schema.type === "array") {
    return `list of ${describeType((schema.items ?? {}) as JsonSchema, root)}`;
  }
  const type = [schema.type ?? "anything"].flat().join(" or ");
  const { minimum, maximum, format } = schema;
  const bounds = [
    format === undefined ? "" : `(${format})`,
    minimum === undefined ? "" : `from ${minimum}`,
    maximum === undefined ? "" : `to ${maximum}`,
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ];
  return [type, ...bounds].filter(Boolean).join(" ");
}
