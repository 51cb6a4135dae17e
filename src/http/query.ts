// The query of a URL, read name by name: one that nobody knows is refused and not ignored, since
// DELETE with a misspelt filter would delete all.

import { parseInteger } from "../config/option-value.ts";
import { ViadutoError } from "../lib/errors.ts";

export type Query<Name extends string> = {
  /** The value, which is not empty. */
  readonly text: (name: Name) => string | undefined;
  /** Throws `query_invalid` for what is not a whole number within the bounds. */
  readonly integer: (name: Name, minimum: number, maximum: number) => number | undefined;
};

/**
 * For the schemas of a query: what is not in them is let through to `readQuery`, whose words name
 * what there is.
 */
export const OTHER_NAMES = { additionalProperties: true } as const;

/** A request's query. Throws `query_invalid` over names that are unknown, doubled or empty. */
export function readQuery<Name extends string>(
  request: Request,
  names: readonly Name[],
): Query<Name> {
  const values = new Map<string, string>();
  for (const [name, value] of new URL(request.url).searchParams) {
    if (!names.some((known) => known === name)) {
      throw toQueryInvalid(name, `it is not known here; there is ${names.join(", ") || "none"}`);
    }
    if (value === "") throw toQueryInvalid(name, "it is empty");
    if (values.has(name)) throw toQueryInvalid(name, "it stands there twice");
    values.set(name, value);
  }
  return {
    text: (name) => values.get(name),
    integer(name, minimum, maximum) {
      const text = values.get(name);
      if (text === undefined) return undefined;
      const value = parseInteger(text, minimum, maximum);
      if (value !== undefined) return value;
      throw toQueryInvalid(name, `expected a whole number from ${minimum} to ${maximum}`);
    },
  };
}

/** The error for one value of a query. */
export function toQueryInvalid(name: string, reason: string): ViadutoError {
  return new ViadutoError("query_invalid", { path: `/${name}`, reason: `${name}: ${reason}` });
}
