// What aedes keeps of a connection and does not put into its types, as far as the broker uses it.
// Types alone. To be looked at whenever the pinned version of aedes changes.

import type { EventEmitter } from "node:events";
import type { Client, PublishPacket } from "aedes";
import type { Connection } from "./client-connection.ts";

export type AedesClient = Omit<Client, "broker"> & {
  /** Ours: everything that the broker knows of it. */
  connection?: Connection;
  readonly broker: EventEmitter;
  sessionExpiryInterval: number;
  _cleanStart: boolean;
  _will: Will | undefined;
  /** False when the client wants no reason strings [MQTT-3.1.2-29]. */
  _requestProblemInformation: boolean;
  /** What CONNACK tells as Server Keep Alive, and what is enforced. */
  _serverKeepAlive: number | undefined;
  _keepaliveTimer: Timer | null;
  /** CONNECT was accepted, and the answer is written. */
  readonly connackSent: boolean;
  /** Of the DISCONNECT that the client was sent; null before. */
  readonly disconnectReasonCode: number | null;
  /** Reads no more, until `resume`. */
  pause(): void;
  resume(): void;
};

export type Will = Pick<PublishPacket, "topic" | "payload" | "qos" | "retain" | "properties"> & {
  readonly properties?: { readonly willDelayInterval?: number };
};
