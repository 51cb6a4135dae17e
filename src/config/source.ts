// Where a value comes from, and the error that names the place. Used by whatever reads a source.

import { ViadutoError } from "../lib/errors.ts";
import { maskBrokers } from "./broker-address.ts";
import { describeAllowed, type Option } from "./options.ts";
import type { OptionKey } from "./schema.ts";

/** `name` is as typed: `--port`, `HTTP_PORT`, or the key in the file. */
export type Source =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly name: string; readonly file: string }
  | { readonly kind: "code"; readonly name: string }
  | { readonly kind: "default" };

/** A value as text, not yet checked, and where it stood. */
export type Given = {
  readonly text: string;
  readonly source: Exclude<Source, { kind: "default" }>;
};
export type GivenValues = ReadonlyMap<OptionKey, Given>;

/** Reads a file as UTF-8 text, or throws as `readFileSync` does. */
export type ReadFile = (path: string) => string;

const GIVEN_CHARACTERS_MAX = 200;
const PLACES = {
  flag: "the command line",
  environment: "the environment",
  code: "viaduto(…)",
} as const;

/** `flag --port`, `environment HTTP_PORT`, `file viaduto.config.yaml`, `default`. */
export function describeSource(source: Source): string {
  if (source.kind === "default") return "default";
  return `${source.kind} ${source.kind === "file" ? source.file : source.name}`;
}

/** `option_invalid` for a value that was given, masked where it holds a secret. */
export function toOptionInvalid(
  option: Option,
  { text, source }: Given,
  allowed = describeAllowed(option.schema),
): ViadutoError {
  return new ViadutoError("option_invalid", {
    name: source.name,
    given: describeGiven(option, text),
    source: describePlace(source),
    allowed,
  });
}

function describeGiven(option: Option, text: string): string {
  if (option.schema.secret) return "***";
  const shown = option.key === "broker" ? maskBrokers(text) : text;
  if (shown.length <= GIVEN_CHARACTERS_MAX) return shown;
  return `${shown.slice(0, GIVEN_CHARACTERS_MAX)}…`;
}

function describePlace(source: Given["source"]): string {
  if (source.kind === "file") return source.file;
  return PLACES[source.kind];
}
