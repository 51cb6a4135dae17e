// The options of the connection to an external broker. Part of the schema.

import { choice, onOff, optionalText, text } from "./option-kinds.ts";

const BROKER = { group: "Broker connection" } as const;
/** In a pattern: what MQTT strings should not have, and brokers hang up over (section 1.5.4). */
const CONTROL = "\\u0000-\\u001f\\u007f-\\u009f";

export const BROKER_OPTIONS = {
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
    defaultText: "stable, from the machine, the origin and, with --group, the HTTP port",
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
  group: optionalText({
    ...BROKER,
    description:
      "replicas with the same group share the work: each message is handled by one of them " +
      "(shared subscriptions, $share/<group>/…)",
    placeholder: "name",
    environment: ["MQTT_GROUP"],
    pattern: `^[^/+#${CONTROL}]*$`,
    allowed: "text without /, +, # and control characters",
  }),
  leaveGroup: onOff({
    ...BROKER,
    description:
      "leave the group at a clean stop, so that the others get what would wait in the session: " +
      "for a replica that does not come back",
    environment: ["MQTT_LEAVE_GROUP"],
    danger: "what is sent while no replica of the group is there is then lost",
  }),
  will: choice(["on", "off"], {
    ...BROKER,
    description:
      "say 'online' and, as the last will, 'offline', retained, on viaduto/<client-id>/status " +
      "below the origin",
    environment: ["MQTT_WILL"],
    default: "on",
  }),
} as const;
