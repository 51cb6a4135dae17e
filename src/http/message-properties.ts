// MQTT 5 properties as JSON, under EMQX's names, and as a message takes them. Used by every route
// that publishes. Pure.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { MessageProperties, OutgoingMessage, UserPair } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { parseBase64 } from "./base64.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

const USER_OBJECT = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Array(Type.String())]),
);
const USER_PAIRS = Type.Array(Type.Tuple([Type.String(), Type.String()]));

/** Names and values; a list of pairs keeps the order of names that stand twice. */
export const USER_PROPERTIES = Type.Union([USER_OBJECT, USER_PAIRS], {
  description: "an object, or a list of pairs when order matters and names repeat",
});

export const PROPERTIES = Type.Object(
  {
    payload_format_indicator: optional(Type.Union([Type.Literal(0), Type.Literal(1)])),
    message_expiry_interval: optional(
      Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: "seconds" }),
    ),
    response_topic: optional(Type.String({ minLength: 1 })),
    correlation_data: optional(
      Type.String({ description: "text, sent as UTF-8, unless its encoding says otherwise" }),
    ),
    correlation_data_encoding: optional(
      Type.Union([Type.Literal("plain"), Type.Literal("base64")]),
    ),
    content_type: optional(Type.String()),
    user_properties: optional(USER_PROPERTIES),
  },
  { additionalProperties: false },
);
type Names = Static<typeof PROPERTIES>;
export type GivenProperties = { readonly [Name in keyof Names]: Names[Name] | undefined };

type Sent = Pick<OutgoingMessage, "properties" | "userPairs">;

/** What a message takes of them. Throws `topic_invalid`, `body_invalid`. */
export function toSentProperties(given: GivenProperties | undefined): Sent {
  if (given === undefined) return {};
  const { response_topic: responseTopic, user_properties: user } = given;
  if (responseTopic !== undefined) checkTopic(responseTopic); // [MQTT-3.3.2-14]
  const pairs = isPairs(user) ? user : undefined;
  const entries = {
    payloadFormatIndicator:
      given.payload_format_indicator === undefined ? undefined : !!given.payload_format_indicator,
    messageExpiryInterval: given.message_expiry_interval,
    responseTopic,
    correlationData: toCorrelation(given),
    contentType: given.content_type,
    userProperties: pairs ? toObject(pairs) : user,
  };
  // mqtt-packet takes an absent property, but not an undefined one.
  const present = Object.entries(entries).filter(([, value]) => value !== undefined);
  const properties = Object.fromEntries(present) as MessageProperties;
  return { properties, ...(pairs && pairs.length > 0 && { userPairs: pairs }) };
}

function isPairs(user: GivenProperties["user_properties"]): user is [string, string][] {
  return Array.isArray(user);
}

function toCorrelation(given: GivenProperties): Buffer | undefined {
  const { correlation_data: text, correlation_data_encoding: encoding } = given;
  if (text === undefined) return undefined;
  return encoding === "base64"
    ? parseBase64(text, "properties/correlation_data")
    : Buffer.from(text);
}

// From entries: a name may be __proto__.
function toObject(pairs: readonly UserPair[]): MessageProperties["userProperties"] {
  const groups = Map.groupBy(pairs, ([name]) => name);
  const entries = [...groups].map(([name, group]) => {
    const values = group.map(([, value]) => value);
    return [name, values.length === 1 ? values[0] : values] as const;
  });
  return Object.fromEntries(entries) as MessageProperties["userProperties"];
}
