// What a payload may be: a TypeBox schema, or a validator of any library that follows the Standard
// Schema (zod, valibot, arktype: standardschema.dev). Only codec checks with it.

import { FormatRegistry, type Static, type TSchema, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { toReason } from "../lib/errors.ts";
import { isDateTime } from "./date-time.ts";
import { describe } from "./describe.ts";

export type Schema = TSchema | StandardSchemaV1;

/**
 * A payload's two types: what reads it is given `read`, what publishes it gives `write`. They
 * differ where a validator fills in or transforms, as with zod's `default`.
 */
export type Shape<Read = unknown, Write = Read> = { readonly read: Read; readonly write: Write };

/** The two types of a schema. */
export type ShapeOf<S extends Schema> = S extends TSchema
  ? Shape<Static<S>>
  : S extends StandardSchemaV1<infer Input, infer Output>
    ? Shape<Output, Input>
    : never;

/** Where a value differs from its schema. `path` is a JSON pointer (RFC 6901); "" is the whole. */
export type PayloadProblem = {
  readonly path: string;
  /** What should be there, or what the validator says. */
  readonly expected: string;
  readonly found: string;
  /** True when `expected` is a sentence of the validator's own. */
  readonly isSentence?: true;
};

/** The value as its reader is given it, or what is wrong with it. */
export type Checked = { readonly value: unknown } | { readonly problem: PayloadProblem };

export type Check = (value: unknown) => Checked;

/** A check of values. TypeBox schemas are compiled at the first value, not before. */
export function createCheck(schema: Schema): Check {
  return isStandard(schema) ? createStandardCheck(schema) : createTypeBoxCheck(schema);
}

/** True for a validator of the Standard Schema; TypeBox has no `~standard`. */
export function isStandard(schema: Schema): schema is StandardSchemaV1 {
  return "~standard" in schema;
}

function createTypeBoxCheck(schema: TSchema): Check {
  const compile = () => {
    registerFormats();
    return TypeCompiler.Compile(schema);
  };
  let compiled: ReturnType<typeof compile> | undefined;
  return (value) => {
    compiled ??= compile();
    if (compiled.Check(value)) return { value };
    const first = compiled.Errors(value).First();
    if (!first) return toProblem("", "what the schema says", value);
    return toProblem(first.path, first.message.replace(/^Expected /, ""), first.value);
  };
}

function createStandardCheck(schema: StandardSchemaV1): Check {
  const { validate } = schema["~standard"];
  return (value) => {
    let result: ReturnType<typeof validate>;
    try {
      result = validate(value);
    } catch (thrown) {
      return toSentence("", `the validator fails (${toReason(thrown)})`, value);
    }
    if (result instanceof Promise) {
      // Messages of one key run in order: their check cannot wait.
      result.catch(() => {});
      return toSentence("", "the validator is asynchronous, and must answer at once", value);
    }
    const issue = result.issues?.[0];
    if (!issue) return { value: (result as StandardSchemaV1.SuccessResult<unknown>).value };
    const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
    return toSentence(toPointer(keys), issue.message, findPart(value, keys));
  };
}

function toProblem(path: string, expected: string, found: unknown): Checked {
  return { problem: { path, expected, found: describe(found) } };
}

function toSentence(path: string, expected: string, found: unknown): Checked {
  return { problem: { path, expected, found: describe(found), isSentence: true } };
}

function toPointer(keys: readonly PropertyKey[]): string {
  const toToken = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");
  return keys.map((key) => `/${toToken(String(key))}`).join("");
}

function findPart(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((part, key) => {
    return typeof part === "object" && part !== null ? Reflect.get(part, key) : undefined;
  }, value);
}

// TypeBox knows no formats until it is told; an unknown format would refuse every value. Elysia
// tells it of one that takes days which no calendar has.
function registerFormats(): void {
  if (FormatRegistry.Get("date-time") === isDateTime) return;
  FormatRegistry.Set("date-time", isDateTime);
}

/** The schema of a topic that names none: any JSON, any text, any bytes. */
export const DEFAULT_SCHEMAS = {
  json: Type.Unknown(),
  text: Type.String(),
  bytes: Type.Uint8Array(),
} as const;
