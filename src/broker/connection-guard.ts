// Stands between one connection and aedes: every packet is checked before aedes acts on it, and no
// exception or re-entrant call of the parser gets out.

import type { EventEmitter } from "node:events";
import type { Client } from "aedes";
import type { Packet } from "mqtt-packet";
import { findPacketProblem } from "../lib/packet-rules.ts";

/** What aedes keeps of a connection and does not put into its types. */
type GuardedClient = Client & {
  broker: EventEmitter;
  subscriptions: object;
  duplicates: object;
  _parser: {
    parse(bytes: Buffer): number;
    emit(event: string, ...values: unknown[]): boolean;
  };
};

/** DISCONNECT reason codes (MQTT 5 section 3.14.2.1). */
const PROTOCOL_ERROR = 0x82;
const TOPIC_FILTER_INVALID = 0x8f;

/** Guards a connection; to be called at once after `aedes.handle`, before any byte was read. */
export function guardConnection(aedesClient: Client): void {
  const client = aedesClient as GuardedClient;
  // A topic filter named `constructor` or `__proto__` is found in a plain object without having been
  // put there, and ends the process (GHSA-52qw-whmv-87c5, fixed in aedes 1.1.3; remove when 2.0 has it).
  client.subscriptions = Object.create(null);
  client.duplicates = Object.create(null);
  guardParser(client);
  checkPackets(client);
}

// A packet handler may make the stream readable again while the parser is still in the middle of a
// chunk (seen on Bun, never on Node): bytes would be parsed in the wrong order.
function guardParser(client: GuardedClient): void {
  const parser = client._parser;
  const parse = parser.parse.bind(parser);
  const waiting: Buffer[] = [];
  let isParsing = false;

  parser.parse = (bytes) => {
    waiting.push(bytes);
    if (isParsing) return 0;
    isParsing = true;
    try {
      for (let next = waiting.shift(); next && !client.closed; next = waiting.shift()) parse(next);
    } catch (cause) {
      // Whatever a packet made aedes throw ends this connection and no other.
      client.emit("error", new Error("the packet could not be handled", { cause }));
    } finally {
      isParsing = false;
    }
    return 0;
  };
}

function checkPackets(client: GuardedClient): void {
  const parser = client._parser;
  const emit = parser.emit.bind(parser);

  parser.emit = (event, ...values) => {
    if (event !== "packet") return emit(event, ...values);
    if (client.closed) return false;
    const packet = values[0] as Packet;
    const problem = findPacketProblem(packet);
    if (problem) return refuse(client, problem, PROTOCOL_ERROR);
    if (isUnsafeBulk(packet)) return refuse(client, "topic filter __proto__", TOPIC_FILTER_INVALID);
    return emit(event, packet);
  };
}

// aedes removes doubles from a SUBSCRIBE of several filters with a plain object (lib/handlers/
// subscribe.js `_dedupe`), in which this one name can not be kept. Remove when 2.0 uses a Map.
function isUnsafeBulk(packet: Packet): boolean {
  if (packet.cmd !== "subscribe" || packet.subscriptions.length < 2) return false;
  return packet.subscriptions.some(({ topic }) => topic === "__proto__");
}

// [MQTT-4.13.1-1] a connected MQTT 5 client is told the reason code; any other is closed.
function refuse(client: GuardedClient, problem: string, reasonCode: number): false {
  const error = new Error(`malformed packet: ${problem}`);
  if (client.version === 5 && client.connected) {
    client.broker.emit("clientError", client, error);
    client.disconnect({ reasonCode });
  } else {
    client.emit("error", error);
  }
  return false;
}
