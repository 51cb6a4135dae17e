// A message whose payload is the raw body of a request: what else there is to it stands in the
// query, or in headers of the same names: `?message_expiry_interval=60` is the header
// `MQTT-Message-Expiry-Interval: 60`. Used by the routes that take such bodies.

import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ViadutoError } from "../lib/errors.ts";
import type { OutgoingMessage, QoS } from "../topics/message.ts";
import { decodePercent, toHeaderText, unquote } from "./header-text.ts";
import { type GivenProperties, toSentProperties, USER_PROPERTIES } from "./message-properties.ts";
import { toQueryInvalid } from "./query.ts";

const text = (description: string) => Type.Optional(Type.String({ description }));
const oneOf = <const V extends string[]>(...values: V) => {
  return Type.Optional(Type.Union(values.map((value) => Type.Literal(value as V[number]))));
};

/** What any raw message may have in its query. */
export const RAW_QUERY = {
  qos: oneOf("0", "1", "2"),
  payload_format_indicator: oneOf("0", "1"),
  message_expiry_interval: text("seconds"),
  correlation_data: text("text, sent as UTF-8, unless its encoding says otherwise"),
  correlation_data_encoding: oneOf("plain", "base64"),
  content_type: text("that of the payload; the header Content-Type when absent"),
  user_properties: text("JSON: an object, or a list of pairs"),
  token: text("user property `token` of this publish"),
} as const;
/** What only a message has that is published and not asked. */
export const PUBLISH_QUERY = {
  retain: oneOf("true", "false"),
  response_topic: text("where a reply goes"),
} as const;

const EVERYTHING = Type.Object({ ...RAW_QUERY, ...PUBLISH_QUERY });
export type RawQuery = Static<typeof EVERYTHING>;
type Name = keyof RawQuery;

export type RawMessage = { readonly message: OutgoingMessage; readonly token: string | undefined };

const INTERVAL_MAX = 0xffff_ffff;
/** What curl says of a body when nobody told it: no word about the payload. */
const SAYS_NOTHING = "application/x-www-form-urlencoded";

/**
 * The message; QoS 1 and not retained unless it says otherwise. Throws `topic_invalid`,
 * `query_invalid`, `header_invalid`, `body_invalid`.
 */
export async function readRawMessage(
  request: Request,
  topic: string,
  query: RawQuery,
): Promise<RawMessage> {
  const { headers } = request;
  const read = (name: Name) => readPart(query, headers, name);
  const given: GivenProperties = {
    payload_format_indicator: readChoice(read("payload_format_indicator"), { 0: 0, 1: 1 }),
    message_expiry_interval: readInterval(read("message_expiry_interval")),
    response_topic: readText(read("response_topic"), decodePercent, "percent-encoding"),
    correlation_data: read("correlation_data")?.value,
    correlation_data_encoding: readChoice(read("correlation_data_encoding"), {
      plain: "plain",
      base64: "base64",
    }),
    content_type:
      readText(read("content_type"), unquote, "text, or JSON in quotes") ??
      readContentType(headers),
    user_properties: readUserProperties(read("user_properties")),
  };
  const isBare = Object.values(given).every((value) => value === undefined);
  const message: OutgoingMessage = {
    topic,
    payload: Buffer.from(await request.arrayBuffer()),
    qos: readChoice<QoS>(read("qos"), { 0: 0, 1: 1, 2: 2 }) ?? 1,
    retain: readChoice(read("retain"), { true: true, false: false }) ?? false,
    ...(!isBare && toSentProperties(given)),
  };
  return { message, token: read("token")?.value };
}

/** The message as a text, by which a repeated request is known: its parts stand in headers, too. */
export function toContent(message: OutgoingMessage, token: string | undefined): string {
  return JSON.stringify([{ ...message, payload: message.payload.toString("base64") }, token]);
}

type Part = { readonly value: string; readonly name: string; readonly isHeader: boolean };

// The query is nearer: who writes a URL sees it.
function readPart(query: RawQuery, headers: Headers, name: Name): Part | undefined {
  const asked = query[name];
  if (asked !== undefined) return { value: asked, name, isHeader: false };
  const header = `MQTT-${name.replaceAll("_", "-")}`;
  const value = headers.get(header);
  return value === null ? undefined : { value: toHeaderText(value), name: header, isHeader: true };
}

// A header has it as GET shows it, so that what is got can be put again; a query is encoded itself.
function readText(
  part: Part | undefined,
  decode: (text: string) => string | undefined,
  expected: string,
): string | undefined {
  if (!part?.isHeader) return part?.value;
  const text = decode(part.value);
  if (text === undefined) throw toInvalid(part, `expected ${expected}`);
  return text;
}

function toInvalid({ name, isHeader }: Part, reason: string): ViadutoError {
  return isHeader
    ? new ViadutoError("header_invalid", { name, reason })
    : toQueryInvalid(name, reason);
}

function readChoice<V>(
  part: Part | undefined,
  choices: Readonly<Record<string, V>>,
): V | undefined {
  if (!part) return undefined;
  if (Object.hasOwn(choices, part.value)) return choices[part.value];
  throw toInvalid(part, `expected ${Object.keys(choices).join(" or ")}`);
}

function readInterval(part: Part | undefined): number | undefined {
  if (!part) return undefined;
  const seconds = /^\d{1,10}$/.test(part.value) ? Number(part.value) : INTERVAL_MAX + 1;
  if (seconds <= INTERVAL_MAX) return seconds;
  throw toInvalid(part, `expected seconds from 0 to ${INTERVAL_MAX}`);
}

function readUserProperties(part: Part | undefined): GivenProperties["user_properties"] {
  if (!part) return undefined;
  try {
    const value: unknown = JSON.parse(part.value);
    if (Value.Check(USER_PROPERTIES, value)) return value;
  } catch {
    // Told below: no JSON is no user properties.
  }
  throw toInvalid(part, 'expected JSON such as {"a":"1"} or [["a","1"],["a","2"]]');
}

function readContentType(headers: Headers): string | undefined {
  const type = headers.get("Content-Type");
  return type === null || type === SAYS_NOTHING || type === "" ? undefined : toHeaderText(type);
}
