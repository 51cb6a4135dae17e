// Stands between one connection and aedes: cuts the bytes into packets, checks each one, and gives
// aedes (or `receive`) only what is well formed, one packet at a time. Called by broker.ts.

import type { EventEmitter } from "node:events";
import type { Client } from "aedes";
import type { Packet } from "mqtt-packet";
import { readVersion } from "../lib/connect-rules.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR, type ProtocolVersion } from "../lib/frame-fields.ts";
import { CONNECT, findBody, PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE } from "../lib/frame-head.ts";
import { findFrameProblem } from "../lib/frame-rules.ts";
import { PacketFrames, TOO_LONG } from "../lib/packet-frames.ts";
import { TOPIC_LEVELS_MAX } from "../topics/pattern.ts";
import { type ReadClient, readInTurn } from "./connection-reading.ts";

export type GuardOptions = {
  /** Largest packet with its header; a larger one is refused before its body comes. */
  readonly packetBytesMax: number;
  /** Largest CONNECT, from whom nobody knows yet. 128 KiB when absent. */
  readonly connectBytesMax?: number;
  /** Longest topic or filter. 65,535 bytes when absent. */
  readonly topicBytesMax?: number;
  /** Most levels of a topic or filter. 100 when absent. */
  readonly topicLevelsMax?: number;
  /** Told the size of every packet that came, with its header, also of one that is refused. */
  readonly onPacket?: (bytes: number) => void;
  /**
   * Asked for every packet that comes after CONNACK was sent, in order. True: it was handled, and
   * aedes does not get it. The frame is the packet in bytes.
   */
  readonly receive?: (packet: Packet, client: Client, frame: Buffer) => boolean;
};

/** What aedes keeps of a connection and does not put into its types. */
type GuardedClient = ReadClient & {
  broker: EventEmitter & { readonly id: string; readonly topicAliasMaximum: number };
  /** CONNECT was accepted, and the answer is written. */
  readonly connackSent: boolean;
  disconnectReasonCode: number | null;
  readonly _connectSessionExpiryInterval?: number;
  readonly _keepaliveInterval: number;
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  readonly _parser: EventEmitter & { parse(bytes: Buffer): number };
};

type Problem = { readonly words: string; readonly reasonCode: number };
type Parse = (frame: Buffer) => void;
/** Ends the connection; `asked` is the version of a CONNECT that is not accepted yet. */
type Refuse = (problem: Problem, asked?: ProtocolVersion) => void;

const CONNECT_BYTES_MAX = 128 * 1024;
const TOPIC_BYTES_MAX = 65_535;
/** Header, protocol name and version of a CONNECT. */
const CONNECT_HEAD_BYTES = 14;

/** Reason codes (MQTT 5 section 2.4). */
const TOPIC_ALIAS_INVALID = 0x94;
const PACKET_TOO_LARGE = 0x95;
/** The connection is closed without a word. */
const NO_ANSWER = 0;

type Guard = (client: Client) => void;

/**
 * Gives what guards a connection: to be called at once after `aedes.handle`, before any byte was
 * read. One for all of them: there may be thousands.
 */
export function createGuard(options: GuardOptions): Guard {
  const check = createCheck(options);
  return (client) => guardConnection(client as GuardedClient, options, check);
}

function guardConnection(client: GuardedClient, options: GuardOptions, check: Check): void {
  const frames = new PacketFrames();
  /** Known from CONNECT on. */
  let version: ProtocolVersion | undefined;
  let isRefused = false;
  const isOver = () => isRefused || client.closed;
  const refuse: Refuse = ({ words, reasonCode }, asked = version) => {
    if (isOver()) return;
    isRefused = true;
    closeWith(client, new Error(words), toAnswer(client, asked, reasonCode));
  };
  const parse = handleParsed(client, options.receive, refuse, isOver);

  const takeFrame = (): boolean => {
    const announced = findAnnouncedProblem(frames, version === undefined, options);
    if (announced) refuse(announced, version ?? readVersion(frames.head(CONNECT_HEAD_BYTES)));
    const frame = announced ? undefined : frames.take();
    if (!frame) return false;
    options.onPacket?.(frame.length);
    const problem = check(frame, version);
    if (problem) refuse(problem, version ?? readVersion(frame));
    else {
      version ??= readVersion(frame);
      parse(version === 3 ? withUsualFlags(frame) : frame);
    }
    return true;
  };
  // Until a CONNECT is answered nothing behind it is read: it waits in the socket.
  const mayTake = () => !isOver() && !client._paused && (!version || client.connackSent);
  readInTurn(client, frames, () => mayTake() && takeFrame(), mayTake);
}

/** Gives a function that parses a good packet, and hands it on at once. */
function handleParsed(
  client: GuardedClient,
  receive: GuardOptions["receive"],
  refuse: Refuse,
  isOver: () => boolean,
): Parse {
  const parser = client._parser;
  const [handle] = parser.listeners("packet");
  let current: Buffer;
  parser.removeAllListeners("packet").removeAllListeners("error");
  parser.on("error", (error: Error) => {
    refuse({ words: `packet refused: ${error.message}`, reasonCode: MALFORMED_PACKET });
  });
  parser.on("packet", (packet: Packet) => {
    if (isOver()) return;
    const problem = findLateProblem(packet, client);
    if (problem) return refuse(problem);
    if (!client.connackSent || !receive?.(packet, client, current)) {
      return void handle?.call(parser, packet);
    }
    // aedes does the same for the packets that it handles.
    if (client._keepaliveInterval > 0) client._keepaliveTimer?.refresh();
  });
  return (frame) => {
    current = frame;
    parser.parse(frame);
  };
}

/** What can be said of a packet before its body is here. */
function findAnnouncedProblem(
  frames: PacketFrames,
  isFirst: boolean,
  { packetBytesMax, connectBytesMax = CONNECT_BYTES_MAX }: GuardOptions,
): Problem | undefined {
  if (isFirst && frames.head(1).some((byte) => byte >> 4 !== CONNECT)) {
    // [MQTT-3.1.0-1]
    return { words: "Invalid protocol: the first packet is no CONNECT", reasonCode: NO_ANSWER };
  }
  const bytes = frames.announcedBytes();
  if (bytes === TOO_LONG) {
    const words = "packet refused: a remaining length of more than four bytes";
    return { words, reasonCode: MALFORMED_PACKET };
  }
  const bytesMax = isFirst ? Math.min(connectBytesMax, packetBytesMax) : packetBytesMax;
  return bytes > bytesMax ? { words: "packet too large", reasonCode: PACKET_TOO_LARGE } : undefined;
}

type Check = (frame: Buffer, version: ProtocolVersion | undefined) => Problem | undefined;

/** What the bytes of a packet say; `version` is undefined for the first one. */
function createCheck({
  topicBytesMax = TOPIC_BYTES_MAX,
  topicLevelsMax = TOPIC_LEVELS_MAX,
}: GuardOptions): Check {
  const limits = { topicBytesMax, topicLevelsMax };
  return (frame, version) => {
    // [MQTT-3.1.0-2]
    const isSecond = version !== undefined && (frame[0] ?? 0) >> 4 === CONNECT;
    const problem = isSecond
      ? { words: "unexpected connect", reasonCode: PROTOCOL_ERROR }
      : findFrameProblem(frame, version ?? 4, limits);
    return problem && { ...problem, words: `packet refused: ${problem.words}` };
  };
}

/** What aedes could not bear, and what depends on the connection. */
function findLateProblem(packet: Packet, client: GuardedClient): Problem | undefined {
  switch (packet.cmd) {
    case "publish": {
      const alias = packet.properties?.topicAlias ?? 0;
      // [MQTT-3.3.2-9]
      if (alias <= client.broker.topicAliasMaximum) return undefined;
      return { words: `packet refused: topic alias ${alias}`, reasonCode: TOPIC_ALIAS_INVALID };
    }
    case "disconnect": {
      // Section 3.14.2.2.2: a session that ends with its connection can not be kept after all.
      const isKept = (packet.properties?.sessionExpiryInterval ?? 0) > 0;
      if (!isKept || client._connectSessionExpiryInterval !== 0) return undefined;
      const words = "packet refused: a session expiry interval that CONNECT had not";
      return { words, reasonCode: PROTOCOL_ERROR };
    }
    default:
      return undefined;
  }
}

/** MQTT 3.1 does not use some bits; mqtt-packet wants them as MQTT 3.1.1 has them. */
function withUsualFlags(frame: Buffer): Buffer {
  const type = (frame[0] ?? 0) >> 4;
  if (type === PUBLISH) return frame;
  const isRequest = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE;
  const copy = Buffer.from(frame);
  copy[0] = (type << 4) | (isRequest ? 2 : 0);
  const flagsAt = findBody(frame) + "..MQIsdp".length + 1;
  if (type === CONNECT) copy[flagsAt] = (frame[flagsAt] ?? 0) & 0xfe;
  return copy;
}

/** [MQTT-4.13.1-1] who speaks MQTT 5 is told why, and so is a CONNECT that has a code for it. */
function toAnswer(
  { connackSent }: GuardedClient,
  version: ProtocolVersion | undefined,
  reasonCode: number,
): Buffer | undefined {
  if (reasonCode === NO_ANSWER) return undefined;
  if (connackSent) return version === 5 ? Buffer.of(0xe0, 1, reasonCode) : undefined;
  if (reasonCode < 0x80) return Buffer.of(0x20, 2, 0, reasonCode); // Of MQTT 3.1.1.
  return version === 5 ? Buffer.of(0x20, 3, 0, reasonCode, 0) : undefined;
}

function closeWith(client: GuardedClient, error: Error, answer: Buffer | undefined): void {
  if (!answer) return void client.emit("error", error);
  if (client.connackSent) client.disconnectReasonCode = answer.at(-1) ?? null;
  client.conn.write(answer);
  client.broker.emit(client.id ? "clientError" : "connectionError", client, error);
  client.close();
}
