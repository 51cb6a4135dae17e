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
