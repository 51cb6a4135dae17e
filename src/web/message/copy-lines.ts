// A message as the line that publishes it again: of mosquitto_pub, and of curl at the bridge. What
// no argument can carry goes by base64 through a pipe. Used by the copy part of the pane. Pure.

import type { MessageJson, PropertiesJson } from "../live/bridge-answers.ts";
import { readPayload, toBase64 } from "./payload-kind.ts";
import { isPlain, toWord } from "./shell-words.ts";
import { toTopicPath } from "./topic-address.ts";

export type SentMessage = Pick<
  MessageJson,
  "topic" | "payload" | "payload_encoding" | "qos" | "retain" | "properties"
>;

/** Linux takes no argument longer than 128 KiB; a character may have four bytes. */
const ARGUMENT_CHARACTERS_MAX = 30_000;

/** `where` is the broker, as words for the shell: "-h localhost -p 1883". */
export function toMosquittoLine(message: SentMessage, where: string): string {
  const { topic, payload, qos, retain } = message;
  const words = ["mosquitto_pub", where, "-t", toWord(topic), "-q", String(qos)];
  if (retain) words.push("-r");
  const properties = toMosquittoProperties(message.properties);
  if (properties.length > 0) words.push("-V", "5", ...properties);
  if (payload === "") return [...words, "-n"].join(" ");
  if (isArgument(message)) return [...words, "-m", toWord(payload)].join(" ");
  return `${toPipe(message)} | ${[...words, "-s"].join(" ")}`;
}

/** `base` is the bridge's address, with a slash at its end. */
export function toPublishCurl(message: SentMessage, base: string): string {
  // A level of dots would be gone before the bridge sees the address.
  if (message.topic.split("/").some((level) => /^\.\.?$/.test(level))) {
    return toJsonCurl(message, base);
  }
  const url = toWord(`${base}topics/${toTopicPath(message.topic)}?${toQuery(message)}`);
  if (isArgument(message)) return `curl -X PUT --data-raw ${toWord(message.payload)} ${url}`;
  return `${toPipe(message)} | curl -X PUT --data-binary @- ${url}`;
}

/** Properties as pairs, as they were sent: a name that stands twice has two. */
export function listUserProperties(properties: PropertiesJson | undefined): [string, string][] {
  return Object.entries(properties?.user_properties ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
}

function toJsonCurl(message: SentMessage, base: string): string {
  const { topic, payload, payload_encoding, qos, retain, properties } = message;
  const body = JSON.stringify({ topic, payload, payload_encoding, qos, retain, properties });
  const type = "-H 'Content-Type: application/json'";
  const url = toWord(`${base}publish`);
  if (body.length <= ARGUMENT_CHARACTERS_MAX) {
    return `curl ${type} --data-raw ${toWord(body)} ${url}`;
  }
  const pipe = toPipe({ payload: body, payload_encoding: "plain" });
  return `${pipe} | curl ${type} --data-binary @- ${url}`;
}

function toQuery({ qos, retain, properties = {} }: SentMessage): string {
  const { user_properties: _user, ...others } = properties;
  const pairs = listUserProperties(properties);
  const query = new URLSearchParams({ qos: String(qos) });
  if (retain) query.set("retain", "true");
  for (const [name, value] of Object.entries(others)) query.set(name, String(value));
  if (pairs.length > 0) query.set("user_properties", JSON.stringify(pairs));
  return query.toString();
}

function toMosquittoProperties(properties: PropertiesJson = {}): string[] {
  const { payload_format_indicator, message_expiry_interval } = properties;
  // Mosquitto's tools take correlation data as text alone.
  const isBinary = properties.correlation_data_encoding === "base64";
  const given = {
    "payload-format-indicator": payload_format_indicator,
    "message-expiry-interval": message_expiry_interval,
    "content-type": properties.content_type,
    "response-topic": properties.response_topic,
    "correlation-data": isBinary ? undefined : properties.correlation_data,
  };
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : ["-D", "publish", name, toWord(String(value))],
  );
  const pairs = listUserProperties(properties);
  const user = pairs.flatMap((pair) => ["-D", "publish", "user-property", ...pair.map(toWord)]);
  return [...words, ...user];
}

function isArgument({ payload, payload_encoding }: SentMessage): boolean {
  if (payload_encoding === "base64" || payload.length > ARGUMENT_CHARACTERS_MAX) return false;
  return isPlain(payload);
}

// printf is part of the shell, so that no limit of arguments holds for it.
function toPipe(encoded: Pick<SentMessage, "payload" | "payload_encoding">): string {
  const { payload, payload_encoding: encoding } = encoded;
  const text = encoding === "base64" ? payload : toBase64(readPayload(encoded).bytes);
  return `printf %s '${text}' | base64 -d`;
}
