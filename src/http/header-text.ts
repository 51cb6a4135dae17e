// What a request's header says as text. Used by raw-message.ts. Pure.

/** Bytes that are no ASCII, as Bun gives them: one character each. */
const BYTES = /^[\0-\xff]*[\x80-\xff][\0-\xff]*$/;

/**
 * UTF-8, as curl and most libraries send it; what is none stays as the ISO 8859-1 of `fetch`, which
 * sends nothing else.
 */
export function toHeaderText(value: string): string {
  if (!BYTES.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    return value; // It is no UTF-8.
  }
}

/** Percent-encoded, as the same header of an answer is; undefined when it is not. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // A % that stands for nothing.
  }
}

/** A text in quotes is JSON, as the same header of an answer is; undefined when it is not. */
export function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined; // It is told by who asks.
  }
}
