// What a schema asks for and what does not fit, in the reader's words.

import { language } from "../words/reader-language.ts";
import { say, sayIn } from "../words/words.ts";
import type { Issue } from "./schema-check.ts";
import type { JsonSchema } from "./schema-shape.ts";
import { FORMAT_EXAMPLES } from "./text-formats.ts";

export function toIssueWords({ rule, facts }: Issue): string {
  const example = FORMAT_EXAMPLES[String(facts.format)];
  if (rule === "format" && example) return say("schema.format_as", { example });
  return sayIn(language.value, `schema.${rule}`, facts);
}

/** Its own description, and its limits. */
export function toHint(schema: JsonSchema): string | undefined {
  const { description, minimum, maximum, pattern, minLength, maxLength } = schema;
  const limits = [
    typeof description === "string" ? description : "",
    toRange(minimum, maximum),
    typeof maxLength === "number" ? say("schema.characters_max", { count: maxLength }) : "",
    typeof minLength === "number" ? say("schema.characters_min", { count: minLength }) : "",
    typeof pattern === "string" ? say("schema.pattern", { pattern }) : "",
  ];
  const words = limits.filter(Boolean).join(" · ");
  return words === "" ? undefined : words;
}

function toRange(minimum: unknown, maximum: unknown): string {
  const [from, to] = [minimum, maximum].map((limit) => typeof limit === "number");
  if (from && to) return say("schema.range", { from: Number(minimum), to: Number(maximum) });
  if (from) return say("schema.at_least", { limit: Number(minimum) });
  return to ? say("schema.at_most", { limit: Number(maximum) }) : "";
}
