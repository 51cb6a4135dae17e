// A payload in a few words, for whoever sits in the last row: the fields of a JSON object, a
// number, a text. Used by stage-play.ts and card-deck.ts. Pure.

import type { MessageJson } from "../live/bridge-answers.ts";

type Payload = Pick<MessageJson, "payload" | "payload_encoding" | "payload_bytes">;

export type ValueWords =
  | { readonly kind: "empty" }
  | { readonly kind: "binary"; readonly bytes: number }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "fields"; readonly fields: readonly ValueField[]; readonly more: number };
export type ValueField = { readonly name: string; readonly text: string };

const TEXT_MAX = 120;
const FIELD_MAX = 32;
const FIELDS_MAX = 3;
const SHORT_MAX = 12;
/** JSON longer than this is shown as the text that it is. */
const JSON_MAX = 20_000;

export function toValueWords({ payload, payload_encoding, payload_bytes }: Payload): ValueWords {
  if (payload_bytes === 0) return { kind: "empty" };
  if (payload_encoding === "base64") return { kind: "binary", bytes: payload_bytes };
  const value = parse(payload);
  if (typeof value === "string") return { kind: "text", text: cut(value, TEXT_MAX) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "text", text: cut(payload.trim(), TEXT_MAX) };
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return { kind: "text", text: "{}" };
  const fields = entries.slice(0, FIELDS_MAX).map(([name, one]) => {
    return { name: cut(name, FIELD_MAX), text: cut(toText(one), FIELD_MAX) };
  });
  return { kind: "fields", fields, more: entries.length - fields.length };
}

/** A few letters, as much as flies beside a dot; "" for what has none. */
export function toShortText(payload: Payload): string {
  const words = toValueWords(payload);
  switch (words.kind) {
    case "text":
      return cut(words.text, SHORT_MAX);
    case "fields":
      return cut(words.fields[0]?.text ?? "", SHORT_MAX);
    case "binary":
    case "empty":
      return "";
    default:
      return words satisfies never;
  }
}

function parse(payload: string): unknown {
  if (payload.length > JSON_MAX) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload; // A text, or JSON that was cut.
  }
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function cut(text: string, max: number): string {
  const letters = Array.from(text.slice(0, 2 * (max + 1)));
  return letters.length > max ? `${letters.slice(0, max - 1).join("")}…` : letters.join("");
}
