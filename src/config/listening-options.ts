// The options of what the bridge listens on: HTTP and the embedded broker. Part of the schema.

import { choice, integer, onOff, optionalText, port, portOrOff, text } from "./option-kinds.ts";

const HTTP = { group: "HTTP" } as const;
const EMBEDDED = { group: "Embedded broker" } as const;
/** `8883 when …`: without a certificate nothing listens there. */
const WITH_CERTIFICATE = "when a certificate is given";

const HTTP_OPTIONS = {
  host: text({
    ...HTTP,
    description: "address to listen on, for HTTP and the embedded broker",
    placeholder: "address",
    environment: ["HTTP_HOST", "HOST"],
    default: "127.0.0.1",
    defaultText: "127.0.0.1; with --lan 0.0.0.0, which is all addresses",
    danger: "anything but a loopback address lets others in",
  }),
  port: port({
    ...HTTP,
    description: "HTTP port; 0 takes a free one",
    environment: ["HTTP_PORT", "PORT"],
    default: 8080,
  }),
  httpToken: optionalText({
    ...HTTP,
    description: "bearer token that HTTP asks for everywhere but at /health, /ready and /mqtt",
    placeholder: "text",
    environment: ["HTTP_TOKEN"],
    // RFC 6750 section 2.1: what can stand in the header, and in a URL and a cookie as it is.
    pattern: "^[A-Za-z0-9._~+/-]+=*$",
    allowed: "letters, digits and -._~+/, without spaces",
    secret: true,
    danger: "as a flag it shows in the list of processes; prefer the environment or a file",
  }),
  lan: onOff({
    ...HTTP,
    description:
      "for a room full of devices: listen on all addresses, and without a password file make one " +
      "login and one HTTP token, and print them",
    environment: ["BROKER_LAN"],
  }),
} as const;

const TLS_OPTIONS = {
  tlsPort: portOrOff({
    ...EMBEDDED,
    description: "MQTT over TLS; 0 takes a free port",
    environment: ["BROKER_TLS_PORT"],
    default: 8883,
    defaultText: `8883 ${WITH_CERTIFICATE}`,
  }),
  wssPort: portOrOff({
    ...EMBEDDED,
    description: "MQTT over WebSocket over TLS, at /mqtt; 0 takes a free port",
    environment: ["BROKER_WSS_PORT"],
    default: 8884,
    defaultText: `8884 ${WITH_CERTIFICATE}`,
  }),
  tlsCert: optionalText({
    ...EMBEDDED,
    description: "the embedded broker's certificate (PEM), with those between it and its authority",
    placeholder: "file",
    environment: ["BROKER_TLS_CERT"],
  }),
  tlsKey: optionalText({
    ...EMBEDDED,
    description: "private key (PEM) of that certificate",
    placeholder: "file",
    environment: ["BROKER_TLS_KEY"],
  }),
  tlsCa: optionalText({
    ...EMBEDDED,
    description:
      "certificates (PEM) of the authorities of clients: every TLS client must then show a " +
      "certificate, whose common name is its user name",
    placeholder: "file",
    environment: ["BROKER_TLS_CA"],
    defaultText: "none: clients need no certificate",
  }),
} as const;

export const LISTENING_OPTIONS = {
  ...HTTP_OPTIONS,
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
  ...TLS_OPTIONS,
  passwordFile: optionalText({
    ...EMBEDDED,
    description:
      "who may log in at the embedded broker, in the format of Mosquitto's password_file",
    placeholder: "file",
    environment: ["BROKER_PASSWORD_FILE"],
    defaultText: "none: nobody has to log in",
  }),
  aclFile: optionalText({
    ...EMBEDDED,
    description: "who may do what at the embedded broker, in the format of Mosquitto's acl_file",
    placeholder: "file",
    environment: ["BROKER_ACL_FILE"],
    defaultText: "none: everyone may do everything",
  }),
  denials: choice(["told", "hidden"], {
    ...EMBEDDED,
    description:
      "whether a client that may not subscribe is told so (0x87, not authorized), or only that " +
      "it did not work (0x80, unspecified error)",
    environment: ["BROKER_DENIALS"],
    default: "told",
  }),
  allowAnonymous: onOff({
    ...EMBEDDED,
    description:
      "let clients in that have no user name, beside a password file, too; and listen beyond " +
      "this machine although nobody has to log in",
    environment: ["ALLOW_ANONYMOUS"],
    danger: "everyone who reaches the port can publish and read everything",
  }),
  sysIntervalSeconds: integer({
    ...EMBEDDED,
    description: "how often the embedded broker publishes its figures below $SYS/; 0: never",
    placeholder: "seconds",
    unit: "seconds",
    default: 10,
    minimum: 0,
    maximum: 3600,
  }),
} as const;
