// One connection of a client, from the listener to its end: everything that the broker knows of it.
// Made by broker.ts when a listener accepts; the other files of the folder fill it in.

import type { Duplex } from "node:stream";
import type { GrantedLogin, Permissions } from "../access/access.ts";
import type { JoinedWrites } from "../lib/joined-writes.ts";
import type { AedesClient } from "./aedes-client.ts";
import type { Session } from "./client-session.ts";
import type { OutboundConnection } from "./outbound-connection.ts";
import type { Peer } from "./peer.ts";

/** What CONNECT said, and aedes does not keep. */
export type ConnectFacts = {
  readonly keepaliveSeconds: number;
  readonly receiveMax: number;
  readonly packetBytesMax: number;
  readonly topicAliasesMax: number;
};

export class Connection {
  readonly client: AedesClient;
  readonly stream: Duplex;
  readonly writes: JoinedWrites;
  readonly peer: Peer;
  readonly sinceMs = Date.now();
  facts: ConnectFacts | undefined;
  username: string | undefined;
  /** What it has proven at its login, if it had to. */
  login: GrantedLogin | undefined;
  /** Absent when it may do everything. */
  permissions: Permissions | undefined;
  session: Session | undefined;
  isResumed = false;
  /** Something was sent: CONNACK is the first. */
  hasSpoken = false;
  outbound: OutboundConnection | undefined;
  /** Topic aliases that the client has set [MQTT-3.3.2-7]. */
  aliases: Map<number, string> | undefined;
  /** Answers that wait until what they stand for is stored. */
  waitingAnswers = 0;
  /** QoS 1 messages of the client that are not acknowledged yet. */
  unacknowledgedCount = 0;
  /** Messages that the client may still send in the second that began then. */
  rate: { startedAtMs: number; count: number } | undefined;

  constructor(client: AedesClient, stream: Duplex, writes: JoinedWrites, peer: Peer) {
    this.client = client;
    this.stream = stream;
    this.writes = writes;
    this.peer = peer;
    client.connection = this;
  }

  /** The bridge's own client in this process, to which no limit of strangers applies. */
  get isOwn(): boolean {
    return this.peer.door === "pipe";
  }
  get isMqtt5(): boolean {
    return this.client.version === 5;
  }
  get id(): string {
    return this.client.id ?? "";
  }
}
