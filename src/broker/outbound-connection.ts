// One connection as the messages to its client see it: what the client can take, and the bytes that
// go out. Made when CONNECT is accepted; outbound.ts decides what is sent.

import type { Duplex } from "node:stream";
import type { JoinedWrites } from "../lib/joined-writes.ts";
import type { QoS } from "../topics/message.ts";
import type { Publication } from "./publication.ts";
import type { Alias } from "./publish-frame.ts";
import { countDrop, type Statistics } from "./statistics.ts";

export type ConnectionFacts = {
  readonly stream: Duplex;
  readonly writes: JoinedWrites;
  readonly version: number;
  /** Messages that may be under way at once: the client's Receive Maximum, or our limit. */
  readonly window: number;
  /** The client's Maximum Packet Size. */
  readonly packetBytesMax: number;
  readonly topicAliasesMax: number;
  readonly statistics: Statistics;
  /** Whether the client may read the topic, as of now. */
  readonly mayRead: ((topic: string) => boolean) | undefined;
  /** Ends the connection: its queue is full (MQTT 5 reason code 0x97). */
  readonly endOverQuota: () => void;
};
type Shape = {
  readonly qos: QoS;
  readonly retain: boolean;
  readonly duplicate: boolean;
  readonly identifiers: readonly number[] | undefined;
};

const PUBREL_HEADER = 0x62;

export class OutboundConnection {
  readonly writes: JoinedWrites;
  readonly window: number;
  /** QoS 0 messages that the client was too slow for. */
  leftOutCount = 0;
  readonly #facts: ConnectionFacts;
  /** By topic; made when the client allows any. */
  #aliases: Map<string, number> | undefined;

  constructor(facts: ConnectionFacts) {
    this.#facts = facts;
    this.writes = facts.writes;
    this.window = facts.window;
  }

  /** Nothing that is written arrives any more. */
  get isGone(): boolean {
    return this.#facts.stream.destroyed;
  }

  /** Sends a message; false when the client can not, or may not, have it. */
  publish(publication: Publication, shape: Shape, identifier: number): boolean {
    const { stream, version, packetBytesMax, mayRead, statistics } = this.#facts;
    if (mayRead && !mayRead(publication.topic)) return false;
    const alias = this.#facts.topicAliasesMax > 0 ? this.#findAlias(publication.topic) : undefined;
    const { bytes, identifierAt } = publication.toFrame({ ...shape, version, alias });
    if (bytes.length > packetBytesMax) {
      countDrop(statistics, "too_large");
      return false;
    }
    if (identifierAt > 0) {
      // The frame may be shared; `write` copies it at once.
      bytes[identifierAt] = identifier >> 8;
      bytes[identifierAt + 1] = identifier & 0xff;
    }
    if (alias && !alias.isKnown) this.#aliases?.set(publication.topic, alias.alias);
    stream.write(bytes);
    statistics.publishesSent += 1;
    statistics.payloadBytesSent += publication.payload.length;
    return true;
  }

  /** PUBREL: the client may forget the identifier. */
  release(identifier: number, reasonCode = 0): void {
    const { stream, version } = this.#facts;
    const head = [identifier >> 8, identifier & 0xff];
    const hasReason = version === 5 && reasonCode > 0;
    stream.write(
      hasReason
        ? Buffer.of(PUBREL_HEADER, 3, ...head, reasonCode)
        : Buffer.of(PUBREL_HEADER, 2, ...head),
    );
  }

  leaveOut(): void {
    this.leftOutCount += 1;
    countDrop(this.#facts.statistics, "slow_reader");
  }

  endOverQuota(): void {
    this.#facts.endOverQuota();
  }

  // [MQTT-3.1.2-26] no more aliases than the client allows: the first topics have them.
  #findAlias(topic: string): Alias | undefined {
    this.#aliases ??= new Map();
    const known = this.#aliases.get(topic);
    if (known !== undefined) return { alias: known, isKnown: true };
    if (this.#aliases.size >= this.#facts.topicAliasesMax) return undefined;
    return { alias: this.#aliases.size + 1, isKnown: false };
  }
}
