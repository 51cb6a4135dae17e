// A message as bytes for standard output: as mosquitto_sub prints it, plain, with -v or by -F.

import { formatLocalTime } from "../lib/log.ts";
import type { IncomingPublish } from "../link/connection.ts";
import { toFlagInvalid } from "./flag-reading.ts";

/** The bytes to print; none when there is nothing to print. */
export type Format = (packet: IncomingPublish) => Buffer;
type Field = (packet: IncomingPublish, at: Date) => string | Buffer;

const FIELDS: Readonly<Record<string, Field>> = {
  "%": () => "%",
  t: ({ topic }) => topic,
  p: ({ payload }) => payload,
  x: ({ payload }) => payload.toString("hex"),
  X: ({ payload }) => payload.toString("hex").toUpperCase(),
  l: ({ payload }) => String(payload.length),
  q: ({ qos }) => String(qos),
  r: ({ retain }) => String(Number(retain)),
  m: ({ messageId }) => String(messageId ?? 0),
  I: (_, at) => formatLocalTime(at).replace(" ", "T") + formatOffset(at),
  U: (_, at) => (at.getTime() / 1000).toFixed(3),
  C: ({ properties }) => properties?.contentType ?? "",
  D: ({ properties }) => properties?.correlationData ?? "",
  E: ({ properties }) => String(properties?.messageExpiryInterval ?? ""),
  F: ({ properties }) => String(toNumber(properties?.payloadFormatIndicator) ?? ""),
  P: ({ properties }) => formatUserProperties(properties?.userProperties),
  R: ({ properties }) => properties?.responseTopic ?? "",
  j: (packet, at) => formatJson(packet, at, packet.payload.toString()),
  J: (packet, at) => formatJson(packet, at, parseJson(packet.payload)),
};
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const NOTHING = Buffer.alloc(0);

/** The payload, with its topic before it when verbose. An empty payload is `(null)`, or nothing. */
export function createPlainFormat(isVerbose: boolean, end: string): Format {
  return ({ topic, payload }) => {
    if (payload.length === 0) return isVerbose ? Buffer.from(`${topic} (null)${end}`) : NOTHING;
    const head = isVerbose ? Buffer.from(`${topic} `) : NOTHING;
    return Buffer.concat([head, payload, Buffer.from(end)]);
  };
}

/** By a format such as `%t %p`. Throws `option_invalid` for a sequence that is not known. */
export function parseFormat(text: string, end: string): Format {
  const fields = [...text.matchAll(/[%\\].?|[^%\\]+/gs)].map(([piece]) => toField(piece));
  return (packet) => {
    const at = new Date();
    return Buffer.concat([
      ...fields.map((field) => Buffer.from(field(packet, at))),
      Buffer.from(end),
    ]);
  };
}

function toField(piece: string): Field {
  const letter = piece.slice(1);
  if (piece.startsWith("%")) {
    const field = FIELDS[letter];
    if (field) return field;
    throw toFlagInvalid("-F", piece, `text with %${Object.keys(FIELDS).join(" %")}`);
  }
  if (!piece.startsWith("\\")) return () => piece;
  const escaped = ESCAPES[letter];
  if (escaped !== undefined) return () => escaped;
  throw toFlagInvalid("-F", piece, `text with \\${Object.keys(ESCAPES).join(" \\")}`);
}

// The names are mosquitto_sub's, so that scripts which read its lines read these too.
function formatJson(packet: IncomingPublish, at: Date, payload: unknown): string {
  const { topic, qos, retain, messageId, properties } = packet;
  const shown = {
    "user-properties": properties?.userProperties,
    "content-type": properties?.contentType,
    "correlation-data": properties?.correlationData?.toString(),
    "response-topic": properties?.responseTopic,
    "payload-format-indicator": toNumber(properties?.payloadFormatIndicator),
    "message-expiry-interval": properties?.messageExpiryInterval,
  };
  const hasProperties = Object.values(shown).some((value) => value !== undefined);
  return JSON.stringify({
    tst: at.toISOString(),
    topic,
    qos,
    retain: Number(retain),
    payloadlen: packet.payload.length,
    ...(qos > 0 && { mid: messageId }),
    ...(hasProperties && { properties: shown }),
    payload: packet.payload.length === 0 ? null : payload,
  });
}

// mosquitto_sub leaves out a message whose payload is no JSON; here it comes as a string.
function parseJson(payload: Buffer): unknown {
  const text = payload.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text; // What the sender calls JSON is not ours to refuse.
  }
}

function formatUserProperties(users: Readonly<Record<string, string | string[]>> = {}): string {
  const pairs = Object.entries(users).flatMap(([name, values]) => {
    return [values].flat().map((value) => `${name}:${value}`);
  });
  return pairs.join(" ");
}

/** `+0130`: how far local time is before UTC. */
function formatOffset(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const two = (number: number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(minutes / 60)}${two(minutes % 60)}`;
}

function toNumber(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag);
}
