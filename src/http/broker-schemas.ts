// What GET /broker answers, as schemas: one for the embedded broker, one for an external one. Types
// of it are taken by broker-json.ts.

import { type Static, type TSchema, Type } from "@sinclair/typebox";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const count = (description?: string) => Type.Integer(description ? { description } : {});
const inAndOut = (description: string) => {
  return Type.Object({ in: Type.Integer(), out: Type.Integer() }, { description });
};

const LISTENER = Type.Object({
  door: Type.String({ description: "tcp, websocket, tls or wss" }),
  address: Type.String({ description: "where it listens, as it is written in a client" }),
});
const LIMIT = Type.Object({
  name: Type.String({ description: "of the option, without its dashes" }),
  value: Type.Union([Type.Integer(), Type.String()]),
  unit: optional(Type.String()),
  used: optional(
    Type.Integer({ description: "of it, now; of a limit for one client, by who uses most" }),
  ),
  is_per_client: Type.Boolean({ description: "it holds for each client" }),
  description: Type.String(),
});

export const EMBEDDED_BROKER = Type.Object({
  kind: Type.Literal("embedded"),
  version: Type.String({ description: "of this program" }),
  uptime_seconds: Type.Integer(),
  listeners: Type.Array(LISTENER),
  connections: count("open now, with those that have not said CONNECT"),
  sessions: Type.Object({
    connected: count("the bridge's own is one"),
    away: count("kept for clients that are away"),
  }),
  subscriptions: Type.Integer(),
  shared_subscriptions: count("those of them that are shared"),
  retained: Type.Object({ messages: Type.Integer(), payload_bytes: Type.Integer() }),
  queued: Type.Object({
    messages: count("of QoS 1 and 2, that no client has acknowledged"),
    bytes: Type.Integer(),
    inflight: count("those of them that are sent"),
  }),
  messages: inAndOut("published: in from senders, out to each subscriber; since the start"),
  packets: inAndOut("of MQTT"),
  bytes: inAndOut("of MQTT"),
  per_second: optional(
    Type.Object(
      { messages_in: Type.Number(), messages_out: Type.Number() },
      { description: "the mean of the last minute, by $SYS; absent with --sys-interval 0" },
    ),
  ),
  dropped: Type.Record(Type.String(), Type.Integer(), {
    description: "messages that someone did not get, by cause",
  }),
  refused: count("connections, logins and packets"),
  limits: Type.Array(LIMIT),
});

export const EXTERNAL_BROKER = Type.Object({
  kind: Type.Literal("external"),
  version: Type.String({ description: "of this program" }),
  broker: Type.String({ description: "its address, without the login" }),
  state: Type.String({ description: "connecting, connected, waiting (to try again) or closed" }),
  since: Type.String({ format: "date-time" }),
  connections: count("that were opened since the start"),
  mqtt_version: optional(Type.String({ description: "5, 3.1.1 or 3.1" })),
  session_present: optional(Type.Boolean({ description: "the broker still knew the session" })),
  retry_in_ms: optional(count("after the end of the last try")),
  capabilities: optional(
    Type.Object(
      {
        receive_maximum: Type.Integer(),
        packet_bytes_max: optional(count("absent: the broker names none")),
        qos_max: Type.Integer(),
        retain: Type.Boolean(),
        shared_subscriptions: Type.Boolean(),
        subscription_identifiers: Type.Boolean(),
      },
      { description: "what the broker said in CONNACK; over MQTT 3.1.1 it says nothing" },
    ),
  ),
  filters: Type.Array(Type.String(), {
    description: "that it has granted, with group and origin; those that the caller may read",
  }),
  refused_filters: Type.Array(Type.String()),
  last_error: optional(
    Type.Object({
      at: Type.String({ format: "date-time" }),
      code: Type.String(),
      message: Type.String(),
      hint: Type.String({ description: "what to do now" }),
    }),
  ),
});

export type EmbeddedBrokerJson = Static<typeof EMBEDDED_BROKER>;
export type ExternalBrokerJson = Static<typeof EXTERNAL_BROKER>;
