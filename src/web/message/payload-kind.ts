// The payload of a message as bytes, text, JSON or an image, and which of these to show first.
// Used by the views and by the lines to copy. Pure.

import type { MessageJson } from "../live/bridge-answers.ts";
import { type JsonNode, readJson } from "./json-reading.ts";

export type ViewKind = "json" | "text" | "hex" | "image";

export type Payload = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Undefined when it is no UTF-8. */
  readonly text: string | undefined;
  readonly json: JsonNode | undefined;
  /** The media type of the image that it is. */
  readonly image: string | undefined;
};

type Encoded = Pick<MessageJson, "payload" | "payload_encoding">;

/** How the files of an image begin; a dot is any byte. */
const IMAGE_STARTS = {
  "image/png": /^\x89PNG\r\n\x1a\n/,
  "image/jpeg": /^\xff\xd8\xff/,
  "image/gif": /^GIF8[79]a/,
  "image/webp": /^RIFF....WEBP/s,
} as const;
const SVG = /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;
const START_BYTES = 16;
const SVG_START_CHARACTERS = 2_000;

export function readPayload({ payload, payload_encoding }: Encoded): Payload {
  if (payload_encoding === "base64") {
    const bytes = fromBase64(payload);
    return { bytes, text: undefined, json: undefined, image: findImage(bytes) };
  }
  const bytes = new TextEncoder().encode(payload);
  const isSvg = SVG.test(payload.slice(0, SVG_START_CHARACTERS));
  const image = findImage(bytes) ?? (isSvg ? "image/svg+xml" : undefined);
  return { bytes, text: payload, json: readJson(payload), image };
}

/** The same for bytes as they came. */
export function toEncoded(bytes: Uint8Array): Encoded {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { payload: decoder.decode(bytes), payload_encoding: "plain" };
  } catch {
    return { payload: toBase64(bytes), payload_encoding: "base64" }; // It is no UTF-8.
  }
}

export function chooseView({ image, json, text }: Payload): ViewKind {
  if (image !== undefined) return "image";
  if (json !== undefined) return "json";
  return text === undefined ? "hex" : "text";
}

/** The views that have something to show. */
export function listViews(payload: Payload): readonly ViewKind[] {
  const { image, json, text } = payload;
  const has = { json: json !== undefined, text: text !== undefined, hex: true, image: !!image };
  return (["json", "text", "hex", "image"] as const).filter((kind) => has[kind]);
}

// In parts: an argument list has its limits.
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8_192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  }
  return btoa(parts.join(""));
}

// What was cut may end within a group of four.
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const whole = text.slice(0, text.length - (text.length % 4));
  return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
}

function findImage(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, START_BYTES));
  return Object.entries(IMAGE_STARTS).find(([, pattern]) => pattern.test(start))?.[0];
}
