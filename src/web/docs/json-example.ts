// A value that fits a JSON Schema, to begin with: the document's own example where it has one.
// Pure.

import type { JsonSchema } from "./curl-line.ts";

const DEPTH_MAX = 6;
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  email: "ana@example.org",
  uri: "https://example.org",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** The schema that a `$ref` within the document names; else the schema itself. */
export function resolve(schema: JsonSchema, root: unknown): JsonSchema {
  const reference = schema.$ref;
  if (typeof reference !== "string" || !reference.startsWith("#/")) return schema;
  const keys = reference.slice(2).split("/");
  const found = keys.reduce<unknown>((part, key) => {
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined;
  }, root);
  return (found as JsonSchema | undefined) ?? {};
}

/** A value that fits. `root` is the document in which references lead somewhere. */
export function toExample(given: JsonSchema, root: unknown, depth = 0): unknown {
  const schema = resolve(given, root);
  const told = schema.const ?? schema.default ?? first(schema.examples) ?? first(schema.enum);
  if (told !== undefined) return told;
  if (depth > DEPTH_MAX) return null;
  const choice = first(schema.anyOf) ?? first(schema.oneOf);
  if (choice) return toExample(choice as JsonSchema, root, depth + 1);
  const [type] = [schema.type].flat();
  switch (type) {
    case "object":
      return toObject(schema, root, depth);
    case "array":
      return schema.items ? [toExample(schema.items as JsonSchema, root, depth + 1)] : [];
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return true;
    case "string":
      return FORMATS[String(schema.format)] ?? "text";
    default:
      return schema.properties ? toObject(schema, root, depth) : null;
  }
}

function toObject(schema: JsonSchema, root: unknown, depth: number): object {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema.required ?? []) as readonly string[];
  const names = required.length > 0 ? required : Object.keys(properties);
  const entries = names.map((name) => {
    return [name, toExample(properties[name] ?? {}, root, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}
