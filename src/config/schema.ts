// Every option, once. Flags, environment names, help, checks and the manual come from this table.
// The key `mqttPort` is the flag `--mqtt-port`; `stopTimeoutMs` is `--stop-timeout`,
// since help names the unit.

import { type Static, Type } from "@sinclair/typebox";
import { LOG_LEVELS } from "../lib/log.ts";
import {
  choice,
  limit,
  type OptionFacts,
  onOff,
  optionalText,
  port,
  portOrOff,
  text,
} from "./option-kinds.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;
/** In a pattern: what MQTT strings should not have, and brokers hang up over (section 1.5.4). */
const CONTROL = "\\u0000-\\u001f\\u007f-\\u009f";

const BROKER = { group: "Broker connection" } as const;
const HTTP = { group: "HTTP" } as const;
const EMBEDDED = { group: "Embedded broker" } as const;
const LOGGING = { group: "Logging" } as const;
const FILES = { group: "Files" } as const;

export const SCHEMA = Type.Object({
  broker: optionalText({
    ...BROKER,
    description:
      "external broker, as host name or URL; several, with commas, are tried in turn. " +
      "A bare host name takes its port from MQTT_PORT",
    placeholder: "host or url,…",
    // The first wins: a URL says more than a host name.
    environment: ["MQTT_URL", "MQTT_BROKER"],
    defaultText: "none: the embedded broker",
    allowed:
      "a host name, or mqtt://, mqtts://, ws:// or wss:// with a host and a port " +
      "from 1 to 65535; several with commas",
  }),
  origin: text({
    ...BROKER,
    minLength: 0,
    description:
      "topic prefix put before every topic that the bridge subscribes or publishes, " +
      "and taken off before handlers see it",
    placeholder: "topic",
    environment: ["MQTT_ORIGIN"],
    default: "",
    pattern: `^[^+#${CONTROL}]*$`,
    defaultText: "empty",
    allowed: "the beginning of a topic, without +, # and control characters",
  }),
  username: optionalText({
    ...BROKER,
    description: "login at the external broker; goes before the one in the broker's URL",
    placeholder: "name",
    environment: ["MQTT_USERNAME"],
  }),
  password: optionalText({
    ...BROKER,
    minLength: 0,
    description: "password of the login; goes before the one in the broker's URL",
    placeholder: "text",
    environment: ["MQTT_PASSWORD"],
    secret: true,
    danger: "as a flag it shows in the list of processes; prefer the environment or a file",
  }),
  token: optionalText({
    ...BROKER,
    description: "sent as the MQTT 5 user property 'token' on every publish",
    placeholder: "text",
    environment: ["MQTT_TOKEN"],
    secret: true,
    danger: "every subscriber of a topic sees it",
  }),
  clientId: optionalText({
    ...BROKER,
    description: "name at the broker; a stable one keeps the session across restarts",
    placeholder: "id",
    environment: ["MQTT_CLIENT_ID"],
    pattern: `^[^${CONTROL}]*$`,
    allowed: "text of 1 to 65535 bytes without control characters",
    defaultText: "stable, from the machine and the origin",
    danger: "two bridges with one client id throw each other out",
  }),
  mqttVersion: choice([5, 4, 3], {
    ...BROKER,
    description: "MQTT version: 5, 4 (which is 3.1.1) or 3 (which is 3.1)",
    environment: ["MQTT_VERSION"],
    default: 5,
    allowed: "5, 4 (or 3.1.1) or 3 (or 3.1)",
    // mosquitto_pub's spellings, so that known command lines work.
    aliases: {
      mqttv5: "5",
      "3.1.1": "4",
      "311": "4",
      mqttv311: "4",
      "3.1": "3",
      "31": "3",
      mqttv31: "3",
    },
  }),
  ca: optionalText({
    ...BROKER,
    description:
      "certificates (PEM) of the authorities that the broker's certificate may come from",
    placeholder: "file",
    environment: ["MQTT_CA"],
    defaultText: "the usual public authorities",
  }),
  cert: optionalText({
    ...BROKER,
    description: "the bridge's own certificate (PEM), for brokers that ask for one",
    placeholder: "file",
    environment: ["MQTT_CERT"],
  }),
  key: optionalText({
    ...BROKER,
    description: "private key (PEM) of the certificate",
    placeholder: "file",
    environment: ["MQTT_KEY"],
  }),
  insecure: onOff({
    ...BROKER,
    description: "accept any certificate from the broker",
    environment: ["MQTT_INSECURE"],
    danger: "whoever is in between can read and change everything, the login too",
  }),
  host: text({
    ...HTTP,
    description: "address to listen on, for HTTP and the embedded broker",
    placeholder: "address",
    environment: ["HTTP_HOST", "HOST"],
    default: "127.0.0.1",
    danger: "anything but a loopback address lets others in",
  }),
  port: port({
    ...HTTP,
    description: "HTTP port; 0 takes a free one",
    environment: ["HTTP_PORT", "PORT"],
    default: 8080,
  }),
  mqttPort: port({
    ...EMBEDDED,
    description:
      "MQTT over TCP; 0 takes a free port. With an external broker, MQTT_PORT means that broker's",
    environment: ["MQTT_PORT"],
    default: 1883,
  }),
  wsPort: portOrOff({
    ...EMBEDDED,
    description: "MQTT over WebSocket, at /mqtt; 0 takes a free port",
    environment: ["BROKER_WS_PORT"],
    default: 8083,
  }),
  allowAnonymous: onOff({
    ...EMBEDDED,
    description: "listen beyond this machine although nobody has to log in",
    environment: ["ALLOW_ANONYMOUS"],
    danger: "everyone who reaches the port can publish and read everything",
  }),
  data: Type.Literal(":memory:", {
    ...FILES,
    description: "where messages are kept; :memory: keeps nothing, a folder is not supported yet",
    placeholder: ":memory:",
    environment: ["DATA_DIR"],
    default: ":memory:",
  } satisfies OptionFacts & { default: string }),
  config: optionalText({
    ...FILES,
    description: "file with options, in YAML, TOML or JSON; its keys are the names of the flags",
    placeholder: "file",
    environment: [],
    defaultText: "viaduto.config.yaml, .toml or .json in this folder, if there",
  }),
  logLevel: choice(LOG_LEVELS, {
    ...LOGGING,
    description: "the least important lines that are shown",
    environment: ["LOG_LEVEL"],
    default: "info",
  }),
  logFormat: Type.Optional(
    choice(["text", "json"], {
      ...LOGGING,
      description: "lines for people or for machines",
      environment: ["LOG_FORMAT"],
      defaultText: "text on a terminal, else json",
    }),
  ),
  payloadBytesMax: limit("largest payload, in and out", {
    unit: "bytes",
    default: MIB,
    maximum: 256 * MIB,
  }),
  concurrency: limit("handlers that run at once", { default: 256, maximum: 10_000 }),
  inboxMessagesMax: limit(
    "messages taken from the broker and not yet acknowledged; the Receive Maximum of MQTT 5",
    { default: 1000, maximum: 65_535 },
  ),
  outboxMessagesMax: limit("messages that may wait while the broker is away", {
    default: 10_000,
    maximum: 1_000_000,
  }),
  outboxBytesMax: limit("payload bytes that may wait while the broker is away", {
    unit: "bytes",
    default: 64 * MIB,
    maximum: 1024 * MIB,
  }),
  sendWindow: limit("messages sent to the broker and not yet acknowledged", {
    default: 256,
    maximum: 65_535,
  }),
  connectTimeoutMs: limit("how long a connection may take until CONNECT is answered", {
    unit: "milliseconds",
    default: 5000,
    maximum: HOUR_MS,
  }),
  publishTimeoutMs: limit("deadline of a publish over HTTP", {
    unit: "milliseconds",
    default: 10_000,
    maximum: HOUR_MS,
  }),
  stopTimeoutMs: limit("how long running handlers may take to finish when the bridge stops", {
    unit: "milliseconds",
    default: 10_000,
    maximum: HOUR_MS,
  }),
  connectionsMax: limit("connections to the embedded broker", {
    default: 10_000,
    maximum: 1_000_000,
  }),
  connectionOutputBytesMax: limit(
    "bytes that may wait for one slow connection to the embedded broker before it is closed",
    { unit: "bytes", default: 8 * MIB, minimum: KIB, maximum: 1024 * MIB },
  ),
  topicsMax: limit("topics whose last value is kept", { default: 10_000, maximum: 1_000_000 }),
});

/** The values as the schema types them, before defaults that depend on the machine. */
export type OptionValues = Static<typeof SCHEMA>;
export type OptionKey = keyof OptionValues;
