// What is known of an option besides its type, and the kinds of option that the schema is made of.
// Only config/schema calls the builders; help, errors and the manual read the facts.

import { type TInteger, type TOptional, type TString, type TUnsafe, Type } from "@sinclair/typebox";

export const GROUPS = [
  "Broker connection",
  "HTTP",
  "Embedded broker",
  "Logging",
  "Tracing",
  "Limits",
  "Limits of the embedded broker",
  "Files",
] as const;

export type OptionFacts = {
  readonly group: (typeof GROUPS)[number];
  /** One sentence for help and the manual, without the end stop. */
  readonly description: string;
  /** Stands for the value in help: `--ca <file>`. */
  readonly placeholder?: string;
  /** Environment names, the first that is set wins; the flag's own in capitals when absent. */
  readonly environment?: readonly string[];
  /** The default in words, where it is not one fixed value. */
  readonly defaultText?: string;
  /** What is allowed in words, where the type does not say it. */
  readonly allowed?: string;
  /** Other spellings of a value. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly unit?: "bytes" | "milliseconds" | "seconds";
  /** Never printed, and read from a file when `X_FILE` names one. */
  readonly secret?: true;
  /** What can go wrong for who sets it. */
  readonly danger?: string;
};

type TextFacts = OptionFacts & { readonly minLength?: 0; readonly pattern?: string };
type IntegerFacts = OptionFacts & {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
};
type LimitFacts = Partial<Pick<OptionFacts, "group" | "unit" | "defaultText">> & {
  readonly default: number;
  readonly maximum: number;
  readonly minimum?: number;
};

export const PORT_MAX = 65_535;
/** Longest text: an MQTT string has two bytes for its length (MQTT 5 section 1.5.4). */
export const TEXT_BYTES_MAX = 65_535;

/** Text; not empty unless `minLength` is 0, by which a flag can undo the environment. */
export function text(facts: TextFacts & { readonly default: string }): TString {
  return Type.String({ minLength: 1, ...facts });
}

/** Text that may be absent; not empty unless `minLength` is 0. */
export function optionalText(facts: TextFacts): TOptional<TString> {
  return Type.Optional(Type.String({ minLength: 1, ...facts }));
}

/** A switch, off unless it is set. */
export function onOff(facts: OptionFacts) {
  return Type.Boolean({ default: false, ...facts });
}

/** A whole number within bounds. */
export function integer(facts: IntegerFacts): TInteger {
  return Type.Integer(facts);
}

/** A port to listen on; 0 lets the system choose a free one. */
export function port(facts: OptionFacts & { readonly default: number }): TInteger {
  return integer({ placeholder: "port", minimum: 0, maximum: PORT_MAX, ...facts });
}

/** A port to listen on, or `off`. */
export function portOrOff(facts: OptionFacts & { readonly default: number }) {
  const number = Type.Integer({ minimum: 0, maximum: PORT_MAX });
  return Type.Union([number, Type.Literal("off")], { placeholder: "port|off", ...facts });
}

/** One of a few values; `default` is one of them, or absent when it depends. */
export function choice<const V extends readonly (string | number)[]>(
  values: V,
  facts: OptionFacts & { readonly default?: V[number] },
): TUnsafe<V[number]> {
  const union = Type.Union(values.map((value) => Type.Literal(value)));
  // TypeBox types a union only when it sees every member; here they come from a list.
  return Type.Unsafe({ ...union, placeholder: values.join("|"), ...facts });
}

/** A bound that keeps something from growing; at least 1, unless `minimum` says otherwise. */
export function limit(description: string, facts: LimitFacts): TInteger {
  const placeholder = facts.unit ?? "number";
  return integer({ group: "Limits", description, placeholder, minimum: 1, ...facts });
}
