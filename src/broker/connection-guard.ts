// Stands between one connection and aedes: every packet is checked before aedes acts on it, and no
// exception or re-entrant call of the parser gets out.

import type { EventEmitter } from "node:events";
import type { Client } from "aedes";
import type { Packet } from "mqtt-packet";
import { findPacketProblem } from "../lib/packet-rules.ts";
import { TOPIC_LEVELS_MAX } from "../topics/pattern.ts";

/** What aedes keeps of a connection and does not put into its types. */
type GuardedClient = Client & {
  broker: EventEmitter & { readonly id: string };
  duplicates: object;
  _parser: Parser;
};

/** mqtt-packet's parser, as far as it is corrected here. */
type Parser = {
  parse(bytes: Buffer): number;
  emit(event: string, ...values: unknown[]): boolean;
  /** How far into the current packet it has read. */
  _pos: number;
  readonly packet: Packet;
  _parseVarByteNum(): number | false;
  _parseProperties(): object;
};

type Problem = { readonly words: string; readonly reasonCode: number };
type Refuse = (problem: Problem) => void;

/** DISCONNECT reason codes (MQTT 5 section 3.14.2.1). */
const MALFORMED_PACKET = 0x81;
const PROTOCOL_ERROR = 0x82;
const TOPIC_FILTER_INVALID = 0x8f;
const TOPIC_NAME_INVALID = 0x90;

const FROM_SERVERS: readonly string[] = ["connack", "suback", "unsuback", "pingresp", "auth"];

/** Guards a connection; to be called at once after `aedes.handle`, before any byte was read. */
export function guardConnection(aedesClient: Client): void {
  const client = aedesClient as GuardedClient;
  // What aedes would know doubles by is empty always: forwarding.ts finds them.
  const nothing = { get: () => 0, set: () => {} };
  client.duplicates = Object.defineProperty(Object.create(null), client.broker.id, nothing);

  let isRefused = false;
  const isOver = () => isRefused || client.closed;
  // [MQTT-4.13.1-1] a connected MQTT 5 client is told the reason code; any other is closed.
  const refuse = ({ words, reasonCode }: Problem) => {
    if (isOver()) return;
    isRefused = true;
    const error = new Error(`packet refused: ${words}`);
    if (client.version !== 5 || !client.connected) return void client.emit("error", error);
    client.broker.emit("clientError", client, error);
    client.disconnect({ reasonCode });
  };
  serialiseParsing(client, isOver);
  checkPropertyLists(client._parser, refuse);
  checkPackets(client, refuse, isOver);
}

// A packet handler may make the stream readable again while the parser is still in the middle of a
// chunk (seen on Bun, never on Node): bytes would be parsed in the wrong order.
function serialiseParsing(client: GuardedClient, isOver: () => boolean): void {
  const parser = client._parser;
  const parse = parser.parse.bind(parser);
  const waiting: Buffer[] = [];
  let isParsing = false;

  parser.parse = (bytes) => {
    waiting.push(bytes);
    // aedes reads once, for all that has come. Bun (and Node 26) gives one chunk at a time: without
    // this, the rest of a packet would wait until the client sends something else.
    for (let more = client.conn.read(); more; more = client.conn.read()) waiting.push(more);
    if (isParsing) return 0;
    isParsing = true;
    try {
      for (let next = waiting.shift(); next && !isOver(); next = waiting.shift()) parse(next);
    } catch (cause) {
      // Whatever a packet made aedes throw ends this connection and no other.
      client.emit("error", new Error("the packet could not be handled", { cause }));
    } finally {
      isParsing = false;
    }
    return 0;
  };
}

// mqtt-packet knows where a property list ends, but reads its last property beyond that, and beyond
// the packet into the next one.
function checkPropertyLists(parser: Parser, refuse: Refuse): void {
  const parseProperties = parser._parseProperties.bind(parser);
  parser._parseProperties = () => {
    const start = parser._pos;
    // A DISCONNECT may end before its list (section 3.14.2.2.1).
    if (start >= (parser.packet.length ?? 0) && parser.packet.cmd === "disconnect") return {};
    const length = parser._parseVarByteNum();
    const end = parser._pos + Number(length);
    parser._pos = start;
    const properties = parseProperties();
    if (length === false || parser._pos !== end) {
      refuse({ words: "the property list has a wrong length", reasonCode: MALFORMED_PACKET });
    }
    return properties;
  };
}

function checkPackets(client: GuardedClient, refuse: Refuse, isOver: () => boolean): void {
  const parser = client._parser;
  const emit = parser.emit.bind(parser);

  parser.emit = (event, ...values) => {
    if (isOver()) return false;
    if (event === "error") {
      refuse({ words: (values[0] as Error).message, reasonCode: MALFORMED_PACKET });
      return true;
    }
    if (event !== "packet") return emit(event, ...values);
    const packet = values[0] as Packet;
    const problem = findProblem(packet, client, parser);
    if (!problem) return emit(event, packet);
    refuse(problem);
    return true;
  };
}

function findProblem(packet: Packet, client: Client, parser: Parser): Problem | undefined {
  const { length = 0 } = packet;
  // A PUBLISH has its payload where the parser stops.
  const hasExactLength = packet.cmd === "publish" ? parser._pos <= length : parser._pos === length;
  if (!hasExactLength) return { words: "wrong length", reasonCode: MALFORMED_PACKET };
  const isSecondConnect = packet.cmd === "connect" && (client.connecting || client.connected);
  if (isSecondConnect || FROM_SERVERS.includes(packet.cmd)) {
    return { words: `unexpected ${packet.cmd}`, reasonCode: PROTOCOL_ERROR };
  }
  const words = findPacketProblem(packet);
  return words ? { words, reasonCode: PROTOCOL_ERROR } : findContentProblem(packet);
}

// What a broker may send, but no client; and what aedes could not bear.
function findContentProblem(packet: Packet): Problem | undefined {
  switch (packet.cmd) {
    case "connect":
      return packet.will && findDepthProblem(packet.will.topic, TOPIC_NAME_INVALID);
    case "publish":
      if (packet.properties?.subscriptionIdentifier !== undefined) {
        return { words: "subscription identifier from a client", reasonCode: PROTOCOL_ERROR };
      }
      return findDepthProblem(packet.topic, TOPIC_NAME_INVALID);
    case "subscribe":
      return findFilterProblem(packet.subscriptions.map(({ topic }) => topic));
    default:
      return undefined;
  }
}

function findFilterProblem(filters: readonly string[]): Problem | undefined {
  // aedes removes doubles from the filters of a SUBSCRIBE, and of a session that comes back, with a
  // plain object (lib/handlers/subscribe.js `_dedupe`): it can not hold this name, and takes other
  // things for filters then. Remove when 2.0 uses a Map.
  if (filters.includes("__proto__")) {
    return { words: "topic filter __proto__", reasonCode: TOPIC_FILTER_INVALID };
  }
  for (const filter of filters) {
    const problem = findDepthProblem(filter, TOPIC_FILTER_INVALID);
    if (problem) return problem;
  }
  return undefined;
}

// The libraries below aedes throw over more levels than this.
function findDepthProblem(name: string, reasonCode: number): Problem | undefined {
  if (name.length < TOPIC_LEVELS_MAX || name.split("/").length <= TOPIC_LEVELS_MAX)
    return undefined;
  return { words: `more than ${TOPIC_LEVELS_MAX} levels`, reasonCode };
}
