// Lists as OpenTelemetry writes them in its variables: `key=value,other=value`, percent-encoded
// (https://opentelemetry.io/docs/specs/otel/resource/sdk/). Pure.

import { ViadutoError } from "../lib/errors.ts";

/** The pairs of a list. Throws `option_invalid`, without the values: they may be secrets. */
export function parsePairs(option: string, text: string): Record<string, string> {
  const pairs = text
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "");
  return Object.fromEntries(pairs.map((pair) => parsePair(option, pair)));
}

function parsePair(option: string, pair: string): [string, string] {
  const at = pair.indexOf("=");
  const name = pair.slice(0, at).trim();
  try {
    if (at > 0 && name !== "") return [decode(name), decode(pair.slice(at + 1).trim())];
  } catch {
    // Its percent-encoding is broken: the same as no pair.
  }
  throw new ViadutoError("option_invalid", {
    name: option,
    given: at > 0 ? `${name}=…` : "a part without =",
    source: `--${option}`,
    allowed: "key=value,other=value, percent-encoded",
  });
}

function decode(text: string): string {
  return decodeURIComponent(text);
}
