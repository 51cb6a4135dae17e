// The schema as a list: what flags, environment, files, help and the manual's table walk over.

import type { TSchema } from "@sinclair/typebox";
import { type OptionFacts, TEXT_BYTES_MAX } from "./option-kinds.ts";
import { type OptionKey, SCHEMA } from "./schema.ts";

export type Option = {
  /** Its key in the schema. */
  readonly key: OptionKey;
  /** Its name on the command line, without `--`, and in files. */
  readonly flag: string;
  /** Environment names, the first that is set wins. */
  readonly environment: readonly string[];
  readonly schema: OptionSchema;
};
type OptionSchema = TSchema & OptionFacts;

const MIB = 1 << 20;

// Object.keys gives strings; these are the schema's.
const KEYS = Object.keys(SCHEMA.properties) as OptionKey[];

/** All options in the order of the schema. */
export const OPTIONS: readonly Option[] = KEYS.map(getOption);

/** The option of that key, with its flag and its names in the environment. */
export function getOption(key: OptionKey): Option {
  const flag = toFlag(key);
  // TypeBox's types forget the facts with which option-kinds made the schema.
  const schema = SCHEMA.properties[key] as TSchema as OptionSchema;
  const environment = schema.environment ?? [flag.toUpperCase().replaceAll("-", "_")];
  return { key, flag, environment, schema };
}

/**
 * `mqttPort` and `mqtt-port` as `mqtt-port`; `stopTimeoutMs` as `stop-timeout`, since help names
 * the unit.
 */
export function toFlag(key: string): string {
  return key
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .replace(/-(ms|seconds)$/, "");
}

/** True for a flag that needs no value. */
export function isBoolean(option: Option): boolean {
  return option.schema.type === "boolean";
}

/** The environment names that are looked at, in order; a secret may stand in a file, too. */
export function listVariables({ environment, schema }: Option): string[] {
  return environment.flatMap((name) => (schema.secret ? [name, `${name}_FILE`] : [name]));
}

/** What help says of the default: `8080`, `1048576 bytes (1 MiB)`, `none`. */
export function describeDefault({ schema }: Option): string {
  if (schema.defaultText) return schema.defaultText;
  const value: unknown = schema.default;
  if (value === undefined) return "none";
  if (value === false) return "off";
  if (!schema.unit) return String(value);
  const isRound = schema.unit === "bytes" && Number(value) % MIB === 0;
  return `${value} ${schema.unit}${isRound ? ` (${Number(value) / MIB} MiB)` : ""}`;
}

/** What a value must be, in words that stand after "must be". */
export function describeAllowed(schema: OptionSchema): string {
  return schema.allowed ?? describeType(schema, schema.unit);
}

function describeType(schema: TSchema, unit?: string): string {
  if (schema.anyOf) return joinOr(schema.anyOf.map((one: TSchema) => describeType(one)));
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer") {
    const what = unit ? `a whole number of ${unit}` : "a whole number";
    return `${what} from ${schema.minimum} to ${schema.maximum}`;
  }
  return `text of ${schema.minLength ?? 0} to ${TEXT_BYTES_MAX} bytes`;
}

function joinOr(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
