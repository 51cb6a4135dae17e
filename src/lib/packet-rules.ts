// What a parsed MQTT packet must be before anyone acts on it. mqtt-packet reads truncated and
// doubled properties as null, NaN or lists, which crash both aedes and mqtt.js later: this one
// place refuses them, for the broker (packets of clients) and for the link (packets of a broker).

import type { Packet } from "mqtt-packet";

type Properties = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;

/** Texts and binary data have two bytes for their length (MQTT 5 sections 1.5.4 and 1.5.6). */
const FIELD_BYTES_MAX = 65_535;

// MQTT 5 table 2-4: the type of each property. Where 0 is a protocol error the engines answer it
// themselves, with its own reason code, so it passes here.
const isText: Rule = (value) => typeof value === "string" && !BAD_TEXT.test(value) && fits(value);
const isName: Rule = (value) => typeof value === "string" && !isBadName(value) && fits(value);
const isBytes: Rule = (value) => value instanceof Uint8Array && value.length <= FIELD_BYTES_MAX;
const isFlag: Rule = (value) => typeof value === "boolean";
const isBetween = (min: number, max: number): Rule => {
  return (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
};
const isSeconds = isBetween(0, 0xffff_ffff);
const RULES: Readonly<Record<string, Rule>> = {
  payloadFormatIndicator: isFlag,
  messageExpiryInterval: isSeconds,
  contentType: isText,
  responseTopic: (value) => isName(value) && !/[+#]/.test(String(value)), // [MQTT-3.3.2-14]
  correlationData: isBytes,
  subscriptionIdentifier: isBetween(0, 268_435_455),
  sessionExpiryInterval: isSeconds,
  assignedClientIdentifier: isName,
  serverKeepAlive: isBetween(0, 0xffff),
  authenticationMethod: isText,
  authenticationData: isBytes,
  requestProblemInformation: isFlag,
  willDelayInterval: isSeconds,
  requestResponseInformation: isFlag,
  responseInformation: isText,
  serverReference: isText,
  reasonString: isText,
  receiveMaximum: isBetween(0, 0xffff),
  topicAliasMaximum: isBetween(0, 0xffff),
  topicAlias: isBetween(0, 0xffff),
  maximumQoS: isBetween(0, 1),
  retainAvailable: isFlag,
  userProperties: isUserProperties,
  maximumPacketSize: isBetween(1, 0xffff_ffff),
  wildcardSubscriptionAvailable: isFlag,
  subscriptionIdentifiersAvailable: isFlag,
  sharedSubscriptionAvailable: isFlag,
};

// MQTT 5 table 2-4: which packet may carry which property.
const REASON = ["reasonString", "userProperties"];
const PUBLISH =
  "payloadFormatIndicator messageExpiryInterval topicAlias responseTopic correlationData " +
  "userProperties contentType subscriptionIdentifier";
const CONNACK =
  "sessionExpiryInterval receiveMaximum maximumQoS retainAvailable maximumPacketSize " +
  "assignedClientIdentifier topicAliasMaximum reasonString userProperties " +
  "wildcardSubscriptionAvailable subscriptionIdentifiersAvailable sharedSubscriptionAvailable " +
  "serverKeepAlive responseInformation serverReference authenticationMethod authenticationData";
const CONNECT =
  "sessionExpiryInterval receiveMaximum maximumPacketSize topicAliasMaximum userProperties " +
  "requestResponseInformation requestProblemInformation authenticationMethod authenticationData";
const ALLOWED: Readonly<Record<string, ReadonlySet<string>>> = {
  connect: new Set(CONNECT.split(" ")),
  connack: new Set(CONNACK.split(" ")),
  publish: new Set(PUBLISH.split(" ")),
  puback: new Set(REASON),
  pubrec: new Set(REASON),
  pubrel: new Set(REASON),
  pubcomp: new Set(REASON),
  subscribe: new Set(["subscriptionIdentifier", "userProperties"]),
  suback: new Set(REASON),
  unsubscribe: new Set(["userProperties"]),
  unsuback: new Set(REASON),
  pingreq: new Set(),
  pingresp: new Set(),
  disconnect: new Set([...REASON, "sessionExpiryInterval", "serverReference"]),
  auth: new Set([...REASON, "authenticationMethod", "authenticationData"]),
};
const WILL = new Set(`${PUBLISH} willDelayInterval`.split(" "));
WILL.delete("topicAlias");
WILL.delete("subscriptionIdentifier");

// NUL [MQTT-1.5.4-2], half a surrogate pair, and U+FFFD: it is what the parser leaves where the
// bytes were not UTF-8 [MQTT-1.5.4-1].
const BAD_TEXT = /[\0\ufffd\p{Surrogate}]/u;
// Control characters and non-characters (section 1.5.4) too: a name stands in logs and in ACLs. In
// a text, like a user property, a line break may be meant.
const BAD_IN_NAME = /[\u0001-\u001f\u007f-\u009f\ufffe\uffff]/;

/** Why a packet is malformed, in words; undefined when it is well formed. */
export function findPacketProblem(packet: Packet): string | undefined {
  const allowed = ALLOWED[packet.cmd];
  if (!allowed) return `unknown packet type ${packet.cmd}`;
  const properties = "properties" in packet ? packet.properties : undefined;
  return findPropertyProblem(properties as Properties, allowed) ?? findFieldProblem(packet);
}

function findPropertyProblem(
  properties: Properties | undefined,
  allowed: ReadonlySet<string>,
): string | undefined {
  if (!properties) return undefined;
  for (const name in properties) {
    const value = properties[name];
    if (value === undefined) continue;
    if (!allowed.has(name)) return `property ${name} is not allowed here`;
    if (!RULES[name]?.(value)) return `property ${name} is malformed`;
  }
  return undefined;
}

function findFieldProblem(packet: Packet): string | undefined {
  switch (packet.cmd) {
    case "connect":
      if (isBadName(packet.clientId)) return "the client id has forbidden characters";
      if (packet.username && isBadName(packet.username)) return "malformed user name";
      return packet.will ? findWillProblem(packet.will) : undefined;
    case "publish":
      if (packet.qos > 0 && !packet.messageId) return "packet identifier 0"; // [MQTT-2.2.1-3]
      if (packet.qos === 0 && packet.dup) return "DUP on QoS 0"; // [MQTT-3.3.1-2]
      return findTopicProblem(packet.topic, packet.properties?.topicAlias);
    case "subscribe":
      if (!packet.messageId) return "packet identifier 0";
      return findFilterProblem(packet.subscriptions.map(({ topic }) => topic));
    case "unsubscribe":
      if (!packet.messageId) return "packet identifier 0";
      return findFilterProblem(packet.unsubscriptions);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
      return packet.messageId ? undefined : "packet identifier 0";
    default:
      return undefined;
  }
}

function findTopicProblem(topic: string, alias: number | undefined): string | undefined {
  if (!fits(topic)) return `the topic is over ${FIELD_BYTES_MAX} bytes`;
  if (isBadName(topic)) return "the topic has forbidden characters";
  if (/[+#]/.test(topic)) return "the topic has a wildcard"; // [MQTT-3.3.2-2]
  return topic === "" && alias === undefined ? "no topic" : undefined; // [MQTT-4.7.3-1]
}

type Will = { readonly topic: string; readonly qos?: number; readonly properties?: unknown };

function findWillProblem(will: Will): string | undefined {
  if (findTopicProblem(will.topic, undefined)) return "bad will topic";
  if (will.qos && will.qos > 2) return "bad will QoS"; // [MQTT-3.1.2-12]
  return findPropertyProblem(will.properties as Properties | undefined, WILL);
}

function findFilterProblem(filters: readonly string[]): string | undefined {
  if (filters.length === 0) return "no topic filter"; // [MQTT-3.8.3-2]
  // [MQTT-4.7.1-1] # is the last level, [MQTT-4.7.1-2] + and # stand alone in theirs.
  const bad = filters.find((filter) => {
    return !filter || isBadName(filter) || /[^/][+#]|#.|\+[^/]/s.test(filter);
  });
  return bad === undefined ? undefined : "malformed topic filter";
}

// An object, or on the way out a list of objects: see link/publish-packet.ts.
function isUserProperties(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((one) => !Array.isArray(one) && isUserProperties(one));
  }
  if (value === null || typeof value !== "object") return false;
  return Object.entries(value).flat(2).every(isText);
}

/** Whether a text can be sent at all; a UTF-16 unit is three bytes of UTF-8 at most. */
function fits(text: string): boolean {
  return text.length <= FIELD_BYTES_MAX / 3 || Buffer.byteLength(text) <= FIELD_BYTES_MAX;
}

function isBadName(text: string): boolean {
  return BAD_TEXT.test(text) || BAD_IN_NAME.test(text);
}
