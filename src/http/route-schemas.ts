// What the routes say of themselves beside their own schemas: the errors that they answer with, and
// queries that are read by query.ts. Called by the routes; the documents are made of it.

import { type TObject, type TOptional, type TUnsafe, Type } from "@sinclair/typebox";
import { ERRORS } from "../lib/error-catalogue.ts";
import { type ErrorCode, ViadutoError } from "../lib/errors.ts";
import type { Problem } from "./problem.ts";

type StatusOf<Code extends ErrorCode> = Code extends ErrorCode
  ? (typeof ERRORS)[Code] extends { readonly httpStatus: infer Status extends number }
    ? Status
    : 500
  : never;
type ProblemOf<Code extends ErrorCode> = TUnsafe<Omit<Problem, "code"> & { readonly code: Code }>;
type ProblemsOf<Code extends ErrorCode> = {
  readonly [Status in StatusOf<Code>]: ProblemOf<CodeOfStatus<Code, Status>>;
};
type CodeOfStatus<Code extends ErrorCode, Status extends number> = Code extends ErrorCode
  ? StatusOf<Code> extends Status
    ? Code
    : never
  : never;

/** The schemas of error answers with these codes, by status, for a route's `response`. */
export function problems<const Code extends ErrorCode>(...codes: Code[]): ProblemsOf<Code> {
  const statuses = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { httpStatus } = new ViadutoError(code);
    statuses.set(httpStatus, [...(statuses.get(httpStatus) ?? []), code]);
  }
  const schemas = [...statuses].map(([status, all]) => [status, toProblemSchema(status, all)]);
  return Object.fromEntries(schemas) as ProblemsOf<Code>;
}

/** An error answer with one of these codes; each with what happened, and what to do. */
export function toProblemSchema(status: number, codes: readonly ErrorCode[]) {
  const words = codes.map((code) => `\`${code}\`: ${ERRORS[code].message}`);
  return Type.Unsafe<Problem>(
    Type.Object(
      {
        type: Type.String({ description: "urn:viaduto:problem: and the code" }),
        title: Type.String(),
        status: Type.Integer({ const: status }),
        detail: Type.String({ description: "what happened, in one sentence" }),
        hint: Type.String({ description: "what to do now" }),
        code: Type.Unsafe<ErrorCode>(Type.String({ enum: [...codes] })),
        path: Type.Optional(
          Type.Union([Type.String(), Type.Integer()], {
            description: "JSON pointer (RFC 6901) to what is wrong in what was sent",
          }),
        ),
      },
      { description: words.join("; ") },
    ),
  );
}

type Facts = { readonly description: string; readonly examples?: readonly (string | number)[] };

/** A text in a query. */
export function queryText(facts: Facts): TOptional<TUnsafe<string>> {
  return Type.Optional(Type.Unsafe<string>(Type.Any({ type: "string", ...facts })));
}

/** A whole number in a query. */
export function queryInteger(
  facts: Facts & { readonly minimum: number; readonly maximum: number; readonly default?: number },
): TOptional<TUnsafe<number>> {
  return Type.Optional(Type.Unsafe<number>(Type.Any({ type: "integer", ...facts })));
}

/**
 * The query of a route that reads it with `readQuery`, which has better words for what is wrong:
 * the schema is for types and documents, and checks nothing.
 */
export function looseQuery<P extends Record<string, TOptional<TUnsafe<unknown>>>>(
  properties: P,
): TObject<P> {
  return Type.Object(properties, { additionalProperties: true });
}

/** What stands behind a prefix such as `/topics/`; `title` is its name in the documents. */
export function restOfPath(title: string, description: string, example: string) {
  return Type.Object({ "*": Type.String({ title, description, examples: [example] }) });
}
