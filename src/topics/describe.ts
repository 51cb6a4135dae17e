// A value as an error shows it: JSON, cut when it is long.

const CHARACTERS_MAX = 60;

/** `"warm"`, `{"a":1}`, `12 bytes`, `nothing`; what JSON cannot say is shown by its type. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  const text = stringify(value) ?? typeof value;
  if (text.length <= CHARACTERS_MAX) return text;
  return `${text.slice(0, CHARACTERS_MAX).toWellFormed()}…`;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // A circle, or a bigint.
  }
}
