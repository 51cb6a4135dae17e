// What the headers of an answer say of a payload, whose sender is a stranger: nothing of it may
// break out of a header, or run in a browser as ours. Used for last values and for replies. Pure.

const PRINTABLE = /^[\x20-\x7e]+$/;

/** No browser may run a payload as ours. */
export const SANDBOX = "default-src 'none'; sandbox";

/** A device may call its payload anything; a header value is printable ASCII. */
export function isPrintable(text: string): boolean {
  return PRINTABLE.test(text);
}

/** What the payload looks like: JSON, text or bytes. Of a cut one the last character may be cut. */
export function guessContentType(payload: Buffer, isCut = false): string {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload, { stream: isCut }));
    return "application/json";
  } catch (error) {
    // A SyntaxError comes from JSON.parse: the bytes were text.
    return error instanceof SyntaxError ? "text/plain; charset=utf-8" : "application/octet-stream";
  }
}

/** JSON has escaped control characters already; its escapes make the rest ASCII, too. */
export function toAscii(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** More than most clients take of one header; it is named in MQTT-Left-Out instead. */
export const HEADER_BYTES_MAX = 8_192;

/** The texts, which are ASCII, as headers `MQTT-…`; one more names those that are too long. */
export function toMqttHeaders(
  texts: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const present = Object.entries(texts).flatMap(([name, text]) => {
    return text === undefined ? [] : [[name, text] as const];
  });
  const isLong = ([, text]: readonly [string, string]) => text.length > HEADER_BYTES_MAX;
  const headers = present
    .filter((entry) => !isLong(entry))
    .map(([name, text]) => [`MQTT-${name}`, text]);
  const leftOut = present.filter(isLong).map(([name]) => name);
  if (leftOut.length > 0) headers.push(["MQTT-Left-Out", leftOut.join(", ")]);
  return Object.fromEntries(headers);
}

/** The content type, when it may stand in a header. */
export function toContentTypeHeader(type: string | undefined): string | undefined {
  return type !== undefined && isPrintable(type) && type.length <= HEADER_BYTES_MAX
    ? type
    : undefined;
}
