// Reads options from environment variables, and secrets from the files that X_FILE names.

import { resolve } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { listVariables, OPTIONS, type Option } from "./options.ts";
import type { OptionKey } from "./schema.ts";
import type { Given, GivenValues, ReadFile } from "./source.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of each option. Throws `file_unreadable` for an X_FILE. */
export function readEnvironment(env: Environment, cwd: string, readFile: ReadFile): GivenValues {
  const given = new Map<OptionKey, Given>();
  for (const option of OPTIONS) {
    const value = readVariables(option, env, (path) => readSecret(resolve(cwd, path), readFile));
    if (value) given.set(option.key, value);
  }
  return given;
}

// Compose files and charts pass `X=` for what nobody set, so an empty value counts as absent.
function readVariables(
  option: Option,
  env: Environment,
  readSecret: (path: string) => string,
): Given | undefined {
  const name = listVariables(option).find((variable) => env[variable]);
  const text = name && env[name];
  if (!text) return undefined;
  const isFile = !option.environment.includes(name);
  return { text: isFile ? readSecret(text) : text, source: { kind: "environment", name } };
}

function readSecret(path: string, readFile: ReadFile): string {
  try {
    // Editors and `echo` end a file with a newline that is not part of the secret.
    return readFile(path).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new ViadutoError("file_unreadable", { file: path, reason: toReason(cause) }, { cause });
  }
}
