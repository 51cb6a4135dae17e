// A connection's options in mqtt.js' words: it does CONNECT and keepalive, and nothing that the
// link does itself. Called by connection.ts. Pure.

import type { IClientOptions } from "mqtt";
import type { PacketIdentifiers } from "./packet-identifiers.ts";
import type { MqttVersion } from "./state.ts";
import type { Target } from "./target.ts";

/** What one connection is made with. */
export type ClientOptions = {
  readonly target: Target;
  readonly clientId: string;
  readonly version: MqttVersion;
  /** How long the broker keeps the session after the connection, seconds; 0: not at all. */
  readonly sessionExpirySeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectTimeoutMs: number;
  /** Most QoS 1 and 2 messages that the broker may send unacknowledged. */
  readonly receiveMaximum: number;
  /** Largest packet that the broker may send; any when absent. */
  readonly packetBytesMax?: number;
  /** What the broker publishes when the connection is lost. */
  readonly will?: WillMessage | undefined;
  readonly identifiers: PacketIdentifiers;
};

/** The will as CONNECT carries it. */
export type WillMessage = {
  /** With the origin. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** How long the broker waits for the link to come back before it publishes; MQTT 5 only. */
  readonly delaySeconds: number;
};

export function toClientOptions(options: ClientOptions): IClientOptions {
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
