// What a JSON Schema asks for, as far as a form can show it: one of a few shapes. Whatever is none
// of them is written as JSON. Used by the form and by the values it begins with. Pure.

import { resolve } from "../docs/json-example.ts";

export type JsonSchema = { readonly [key: string]: unknown };

export type Member = {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
};

export type Shape =
  | { readonly kind: "object"; readonly members: readonly Member[] }
  | { readonly kind: "list"; readonly items: JsonSchema }
  /** One of these values. */
  | { readonly kind: "choice"; readonly values: readonly unknown[] }
  /** What fits one of these schemas. */
  | { readonly kind: "union"; readonly variants: readonly JsonSchema[] }
  | { readonly kind: "text" }
  | { readonly kind: "number"; readonly isInteger: boolean }
  | { readonly kind: "boolean" }
  | { readonly kind: "json" };

/** References lead to references, but not for ever. */
const REFERENCES_MAX = 16;
const JSON_SHAPE: Shape = { kind: "json" };

/** The shape of what fits. `root` is the document in which references lead somewhere. */
export function toShape(given: JsonSchema, root: unknown): Shape {
  const schema = flatten(given, root);
  if ("const" in schema) return { kind: "choice", values: [schema.const] };
  if (Array.isArray(schema.enum)) return { kind: "choice", values: schema.enum };
  const variants = listVariants(schema);
  if (variants.length > 1) return { kind: "union", variants };
  if (variants[0]) return toShape(variants[0], root);
  switch (schema.type) {
    case "object":
      return toObjectShape(schema);
    case "array":
      return isSchema(schema.items) ? { kind: "list", items: schema.items } : JSON_SHAPE;
    case "string":
      return { kind: "text" };
    case "integer":
    case "number":
      return { kind: "number", isInteger: schema.type === "integer" };
    case "boolean":
      return { kind: "boolean" };
    case "null":
      return { kind: "choice", values: [null] };
    default:
      return isSchema(schema.properties) ? toObjectShape(schema) : JSON_SHAPE;
  }
}

/** The schema itself: references followed, and the parts of `allOf` laid together. */
export function flatten(given: JsonSchema, root: unknown): JsonSchema {
  let schema = given;
  for (let count = 0; count < REFERENCES_MAX && "$ref" in schema; count += 1) {
    const { $ref: _, ...beside } = schema;
    const next = resolve(schema, root);
    if (next === schema) return beside;
    schema = { ...next, ...beside };
  }
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf)) return schema;
  return allOf.filter(isSchema).reduce<JsonSchema>((sum, part) => {
    return merge(sum, flatten(part, root));
  }, own);
}

/** What stands for a schema among others of a union. */
export function toSchemaName(given: JsonSchema, root: unknown): string | undefined {
  const schema = flatten(given, root);
  if (typeof schema.title === "string") return schema.title;
  if ("const" in schema) return JSON.stringify(schema.const);
  const members = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
  for (const [name, member] of members) {
    const { const: value } = flatten(member as JsonSchema, root);
    if (value !== undefined) return `${name}: ${value}`;
  }
  return typeof schema.type === "string" ? schema.type : undefined;
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listVariants(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf, oneOf, type, ...rest } = schema;
  const given = anyOf ?? oneOf;
  if (Array.isArray(given)) return given.filter(isSchema);
  if (!Array.isArray(type)) return [];
  return type.map((one) => ({ ...rest, type: one }));
}

// A schema without members, as of a record, is written as JSON.
function toObjectShape({ properties, required }: JsonSchema): Shape {
  if (!isSchema(properties) || Object.keys(properties).length === 0) return JSON_SHAPE;
  const needed = Array.isArray(required) ? required : [];
  const members = Object.entries(properties).map(([name, schema]) => {
    return { name, schema: isSchema(schema) ? schema : {}, isRequired: needed.includes(name) };
  });
  return { kind: "object", members };
}

function merge(left: JsonSchema, right: JsonSchema): JsonSchema {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const both = { ...left, ...right };
  if (!isSchema(left.properties) && !isSchema(right.properties)) return both;
  return {
    ...both,
    properties: { ...(left.properties as object), ...(right.properties as object) },
    required: [...new Set([...list(left.required), ...list(right.required)])],
  };
}
