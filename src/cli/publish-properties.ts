// MQTT 5 properties of a message, as `-D publish` of Mosquitto's tools names them.

import { parseInteger } from "../config/option-value.ts";
import type { MessageProperties } from "../topics/message.ts";
import { type PropertyWords, toFlagInvalid } from "./flag-reading.ts";

type PropertyKind = {
  readonly key: keyof MessageProperties;
  /** The typed value; undefined when the text is none. */
  readonly parse: (text: string) => string | number | boolean | Buffer | undefined;
  readonly allowed: string;
};

const SECONDS_MAX = 0xffff_ffff;
const asItIs = (text: string) => text;

const KINDS: Readonly<Record<string, PropertyKind>> = {
  "content-type": { key: "contentType", parse: asItIs, allowed: "text" },
  "response-topic": { key: "responseTopic", parse: asItIs, allowed: "a topic" },
  "correlation-data": {
    key: "correlationData",
    parse: (text) => Buffer.from(text),
    allowed: "text",
  },
  "message-expiry-interval": {
    key: "messageExpiryInterval",
    parse: (text) => parseInteger(text, 0, SECONDS_MAX),
    allowed: `a whole number of seconds from 0 to ${SECONDS_MAX}`,
  },
  "payload-format-indicator": {
    key: "payloadFormatIndicator",
    parse: (text) => (text === "1" || text === "0" ? text === "1" : undefined),
    allowed: "0 (bytes) or 1 (text in UTF-8)",
  },
};

/** The properties of a message; undefined for none. Throws `option_invalid`. */
export function toMessageProperties(
  words: readonly PropertyWords[],
): MessageProperties | undefined {
  if (words.length === 0) return undefined;
  const properties = new Map<keyof MessageProperties, unknown>();
  const users = new Map<string, string[]>();
  for (const { packet, name, values } of words) {
    const [first = "", second = ""] = values;
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (packet === "publish" && name === "user-property") {
      users.set(first, [...(users.get(first) ?? []), second]);
    } else if (packet === "publish" && kind) {
      const value = kind.parse(first);
      if (value === undefined) throw toFlagInvalid(`-D publish ${name}`, first, kind.allowed);
      properties.set(kind.key, value);
    } else {
      const allowed = `publish with user-property, ${Object.keys(KINDS).join(", ")}`;
      throw toFlagInvalid("-D", `${packet} ${name}`, allowed);
    }
  }
  if (users.size > 0) properties.set("userProperties", Object.fromEntries(users));
  return Object.fromEntries(properties);
}
