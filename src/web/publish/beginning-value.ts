// The value with which a form begins: what the schema itself proposes, else as little as may fit.
// Pure.

import { flatten, type JsonSchema, type Shape, toShape } from "./schema-shape.ts";

/** A schema may need itself. */
const DEPTH_MAX = 6;
/** A list may ask for very many. */
const ENTRIES_MAX = 20;

export function toBeginning(given: JsonSchema, root: unknown, depth = 0): unknown {
  const schema = flatten(given, root);
  const { examples } = schema;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (depth > DEPTH_MAX) return null;
  return toValue(toShape(schema, root), schema, root, depth);
}

function toValue(shape: Shape, schema: JsonSchema, root: unknown, depth: number): unknown {
  switch (shape.kind) {
    case "choice":
      return shape.values[0];
    case "union":
      return toBeginning(shape.variants[0] ?? {}, root, depth + 1);
    case "object": {
      const needed = shape.members.filter(({ isRequired }) => isRequired);
      const toEntry = ({ name, schema: member }: (typeof needed)[number]) => {
        return [name, toBeginning(member, root, depth + 1)] as const;
      };
      return Object.fromEntries(needed.map(toEntry));
    }
    case "list": {
      const length = Math.min(Number(schema.minItems ?? 0), ENTRIES_MAX);
      return Array.from({ length }, () => toBeginning(shape.items, root, depth + 1));
    }
    case "text":
      return "";
    case "number":
      return toNumber(schema);
    case "boolean":
      return false;
    case "json":
      return schema.type === "array" ? [] : schema.type === "object" ? {} : null;
  }
}

function toNumber({ minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  const least = typeof minimum === "number" ? minimum : Number.NEGATIVE_INFINITY;
  const above = typeof exclusiveMinimum === "number" ? exclusiveMinimum + 1 : least;
  const most = typeof maximum === "number" ? maximum : Number.POSITIVE_INFINITY;
  return Math.min(most, Math.max(0, least, above));
}
