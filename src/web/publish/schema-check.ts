// Whether a JSON value fits a JSON Schema, and where it does not: while somebody types, so that it
// is said beside the field. It knows the words of the draft that handlers' schemas use; what it
// does not know it takes. The bridge checks again what it receives. Pure.

import { flatten, isSchema, type JsonSchema } from "./schema-shape.ts";
import { isOfFormat } from "./text-formats.ts";

export type Issue = {
  /** Where, as a JSON pointer: "" is the whole. */
  readonly pointer: string;
  readonly rule: Rule;
  readonly facts: Readonly<Record<string, string | number>>;
};

/** Each is told in words under its name, in words/english-schema.ts. */
export type Rule =
  | `is_${TypeName}`
  | "missing"
  | "unknown_member"
  | "choice"
  | "variant"
  | "forbidden"
  | "at_least"
  | "at_most"
  | "more_than"
  | "less_than"
  | "multiple"
  | "characters_min"
  | "characters_max"
  | "pattern"
  | "format"
  | "entries_min"
  | "entries_max"
  | "unique"
  | "members_min"
  | "members_max";
type TypeName = "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";

/** Deeper values are not looked into: a schema may lead back to itself. */
const DEPTH_MAX = 32;
/** Who has written the wrong variant of a union has most often this much wrong with it. */
const DISCRIMINATOR_WEIGHT = 100;

type Place = { readonly root: unknown; readonly pointer: string; readonly depth: number };

/** What does not fit, in the order of the schema. */
export function checkValue(schema: JsonSchema, value: unknown, root: unknown): readonly Issue[] {
  return [...check(schema, value, { root, pointer: "", depth: 0 })];
}

/** Which of the schemas fits best; the first of several that do. */
export function findVariant(
  variants: readonly JsonSchema[],
  value: unknown,
  root: unknown,
): number {
  const weights = variants.map((schema) => {
    const issues = checkValue(schema, value, root);
    const isOther = ({ rule }: Issue) => rule === "choice" || rule.startsWith("is_");
    return issues.reduce((sum, one) => sum + (isOther(one) ? DISCRIMINATOR_WEIGHT : 1), 0);
  });
  return weights.indexOf(Math.min(...weights));
}

/** The pointer of what stands under this name or index. */
export function toPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function* check(given: JsonSchema, value: unknown, place: Place): Generator<Issue> {
  if (place.depth > DEPTH_MAX) return;
  const schema = flatten(given, place.root);
  const { pointer, root } = place;
  const types = [schema.type].flat().filter((type) => typeof type === "string");
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    yield { pointer, rule: `is_${types[0] as TypeName}`, facts: {} };
    return;
  }
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (Array.isArray(values) && !values.some((one) => isSame(one, value))) {
    const words = values.map((one) => JSON.stringify(one)).join(", ");
    yield { pointer, rule: "choice", facts: { values: words } };
  }
  const variants = [schema.anyOf ?? schema.oneOf ?? []].flat().filter(isSchema);
  if (variants.length > 0) {
    const best = variants[findVariant(variants, value, root)];
    if (best) yield* check(best, value, { ...place, depth: place.depth + 1 });
  }
  if (isSchema(schema.not) && checkValue(schema.not, value, root).length === 0) {
    yield { pointer, rule: "forbidden", facts: {} };
  }
  if (typeof value === "number") yield* checkNumber(schema, value, pointer);
  if (typeof value === "string") yield* checkText(schema, value, pointer);
  if (Array.isArray(value)) yield* checkList(schema, value, place);
  else if (isSchema(value)) yield* checkObject(schema, value, place);
}

function* checkNumber(schema: JsonSchema, value: number, pointer: string): Generator<Issue> {
  const rules = [
    ["minimum", "at_least", (limit: number) => value >= limit],
    ["maximum", "at_most", (limit: number) => value <= limit],
    ["exclusiveMinimum", "more_than", (limit: number) => value > limit],
    ["exclusiveMaximum", "less_than", (limit: number) => value < limit],
    // 0.3 is a multiple of 0.1, whatever the machine's numbers say.
    ["multipleOf", "multiple", (step: number) => isNearInteger(value / step)],
  ] as const;
  for (const [word, rule, isFine] of rules) {
    const limit = schema[word];
    if (typeof limit === "number" && !isFine(limit)) yield { pointer, rule, facts: { limit } };
  }
}

function* checkText(schema: JsonSchema, value: string, pointer: string): Generator<Issue> {
  const { minLength, maxLength, pattern, format } = schema;
  const { length } = value;
  if (typeof minLength === "number" && length < minLength) {
    yield { pointer, rule: "characters_min", facts: { count: minLength } };
  }
  if (typeof maxLength === "number" && length > maxLength) {
    yield { pointer, rule: "characters_max", facts: { count: maxLength } };
  }
  if (typeof pattern === "string" && !matches(pattern, value)) {
    yield { pointer, rule: "pattern", facts: { pattern } };
  }
  if (typeof format === "string" && !isOfFormat(value, format)) {
    yield { pointer, rule: "format", facts: { format } };
  }
}

function* checkList(schema: JsonSchema, value: readonly unknown[], place: Place): Generator<Issue> {
  const { minItems, maxItems, uniqueItems, items } = schema;
  const { pointer, depth } = place;
  if (typeof minItems === "number" && value.length < minItems) {
    yield { pointer, rule: "entries_min", facts: { count: minItems } };
  }
  if (typeof maxItems === "number" && value.length > maxItems) {
    yield { pointer, rule: "entries_max", facts: { count: maxItems } };
  }
  if (uniqueItems === true && new Set(value.map(toSorted)).size < value.length) {
    yield { pointer, rule: "unique", facts: {} };
  }
  for (const [at, one] of value.entries()) {
    const schemaOfOne = Array.isArray(items) ? items[at] : items;
    if (!isSchema(schemaOfOne)) continue;
    yield* check(schemaOfOne, one, { ...place, pointer: toPointer(pointer, at), depth: depth + 1 });
  }
}

function* checkObject(schema: JsonSchema, value: JsonSchema, place: Place): Generator<Issue> {
  const { required, minProperties, maxProperties } = schema;
  const { pointer, depth } = place;
  const names = Object.keys(value);
  for (const name of Array.isArray(required) ? required : []) {
    if (Object.hasOwn(value, name)) continue;
    yield { pointer: toPointer(pointer, name), rule: "missing", facts: {} };
  }
  if (typeof minProperties === "number" && names.length < minProperties) {
    yield { pointer, rule: "members_min", facts: { count: minProperties } };
  }
  if (typeof maxProperties === "number" && names.length > maxProperties) {
    yield { pointer, rule: "members_max", facts: { count: maxProperties } };
  }
  for (const name of names) {
    const at = { ...place, pointer: toPointer(pointer, name), depth: depth + 1 };
    const member = findMember(schema, name);
    if (member === false) yield { pointer: at.pointer, rule: "unknown_member", facts: { name } };
    else yield* check(member, value[name], at);
  }
}

/** The schema of the member; false when there may be none of that name. */
function findMember(schema: JsonSchema, name: string): JsonSchema | false {
  const { properties, patternProperties, additionalProperties } = schema;
  if (isSchema(properties) && Object.hasOwn(properties, name)) return toSchema(properties[name]);
  const patterns = isSchema(patternProperties) ? Object.entries(patternProperties) : [];
  const found = patterns.find(([pattern]) => matches(pattern, name));
  return toSchema(found ? found[1] : additionalProperties);
}

function toSchema(value: unknown): JsonSchema | false {
  return value === false ? false : isSchema(value) ? value : {};
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isSchema(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isNearInteger(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9;
}

function isSame(left: unknown, right: unknown): boolean {
  return toSorted(left) === toSorted(right);
}

// As JSON, whatever the order of the members.
function toSorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (!isSchema(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return true; // No pattern that this browser knows: the bridge will say.
  }
}
