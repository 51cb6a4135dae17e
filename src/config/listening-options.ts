// The options of what the bridge listens on: HTTP and the embedded broker. Part of the schema.

import { onOff, port, portOrOff, text } from "./option-kinds.ts";

const HTTP = { group: "HTTP" } as const;
const EMBEDDED = { group: "Embedded broker" } as const;

export const LISTENING_OPTIONS = {
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
} as const;
