// A JSON Schema in the few words that fit beside a topic, as `{celsius: number, unit?: string}`.
// Pure.

import type { JsonSchema } from "../docs/curl-line.ts";
import { resolve } from "../docs/json-example.ts";

const DEPTH_MAX = 2;
const CHOICES_MAX = 4;

/** `root` is the document in which references lead somewhere. */
export function toTypeWords(given: JsonSchema, root: unknown, depth = 0): string {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = [schema.enum, schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices) return toChoiceWords(choices, schema.enum === choices, root, depth);
  const type = [schema.type].flat()[0];
  if (type === "array") {
    return `${toTypeWords((schema.items ?? {}) as JsonSchema, root, depth + 1)}[]`;
  }
  if (type === "object" && depth < DEPTH_MAX) return toObjectWords(schema, root, depth);
  return typeof type === "string" ? type : "any";
}

function toObjectWords({ properties, required }: JsonSchema, root: unknown, depth: number): string {
  const wanted = Array.isArray(required) ? required : [];
  const fields = Object.entries((properties ?? {}) as Readonly<Record<string, JsonSchema>>);
  if (fields.length === 0) return "object";
  const words = fields.map(([name, schema]) => {
    return `${name}${wanted.includes(name) ? "" : "?"}: ${toTypeWords(schema, root, depth + 1)}`;
  });
  return `{${words.join(", ")}}`;
}

function toChoiceWords(
  choices: readonly unknown[],
  isEnum: boolean,
  root: unknown,
  depth: number,
): string {
  const words = choices.slice(0, CHOICES_MAX).map((choice) => {
    return isEnum ? JSON.stringify(choice) : toTypeWords(choice as JsonSchema, root, depth + 1);
  });
  return [...words, ...(choices.length > CHOICES_MAX ? ["…"] : [])].join(" | ");
}
