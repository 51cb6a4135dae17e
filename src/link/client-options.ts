// A connection's options in mqtt.js' words: it does CONNECT and keepalive, and nothing that the
// link does itself. Called by connection.ts. Pure.

import type { IClientOptions } from "mqtt";
import type { ConnectionOptions } from "./connection.ts";
import type { MqttVersion } from "./state.ts";
import type { WillMessage } from "./will.ts";

export function toClientOptions(options: ConnectionOptions): IClientOptions {
  const { version, sessionExpirySeconds, packetBytesMax } = options;
  const { username, password } = options.target;
  return {
    protocolId: version === 3 ? "MQIsdp" : "MQTT",
    protocolVersion: version,
    clientId: options.clientId,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    clean: sessionExpirySeconds === 0,
    keepalive: options.keepaliveSeconds,
    connectTimeout: options.connectTimeoutMs,
    // One connection each: the link decides when and where to connect again.
    reconnectPeriod: 0,
    resubscribe: false,
    // Else every PUBACK would set the ping's timer anew.
    reschedulePings: false,
    // Else mqtt-packet makes a Buffer of each number up to 65,535: ten megabytes, ten milliseconds.
    writeCache: false,
    messageIdProvider: options.identifiers,
    log: () => {},
    ...(options.will && { will: toWill(options.will, version) }),
    ...(version === 5 && {
      properties: {
        sessionExpiryInterval: sessionExpirySeconds,
        receiveMaximum: options.receiveMaximum,
        ...(packetBytesMax !== undefined && { maximumPacketSize: packetBytesMax }),
      },
    }),
  };
}

function toWill(
  { delaySeconds, ...will }: WillMessage,
  version: MqttVersion,
): NonNullable<IClientOptions["will"]> {
  return version === 5 ? { ...will, properties: { willDelayInterval: delaySeconds } } : will;
}
