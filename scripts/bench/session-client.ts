// A client whose session outlives its connections: what came for it, under which identifier and in
// which order. Used by the parts "replay" and "kill" of the broker's benchmark, and by tests.

import { type Connection, openConnection } from "./connection.ts";
import { type ConnectOptions, encodePuback, PUBLISH, readTwo } from "./mqtt-bytes.ts";

export type Received = {
  readonly topic: string;
  readonly payload: string;
  readonly identifier: number;
  readonly isDuplicate: boolean;
  readonly isRetained: boolean;
};

export type SessionClient = {
  readonly connection: Connection;
  readonly received: readonly Received[];
  /** Packet identifiers that came again although they were not acknowledged yet. */
  readonly reusedIdentifiers: readonly number[];
  /** The most messages at a time that this client had not acknowledged. */
  readonly unacknowledgedMax: number;
  /** When the last message came, on the clock of performance.now(). */
  readonly lastAtMs: number;
  /** Resolves when so many messages have come; false when nothing comes for `quietMs`. */
  awaitCount(count: number, quietMs: number): Promise<boolean>;
  /** Resolves when nothing has come for `quietMs`. */
  awaitQuiet(quietMs: number): Promise<void>;
};

export type SessionClientOptions = ConnectOptions & {
  readonly port: number;
  readonly clientId: string;
  /** False: nothing is acknowledged. True when absent: all of one read, at its end. */
  readonly acknowledges?: boolean;
};

const SESSION_EXPIRY_SECONDS = 3_600;
const LOOK_MS = 5;

/** Resolves when the broker has let it in. */
export async function openSessionClient(options: SessionClientOptions): Promise<SessionClient> {
  const log = createReceivedLog(options.acknowledges ?? true);
  const connection = await openConnection({
    sessionExpirySeconds: SESSION_EXPIRY_SECONDS,
    ...options,
    onPacket: log.receive,
    onRead: log.acknowledge,
  });
  const { received, facts } = log;
  const awaitCount = async (count: number, quietMs: number) => {
    const startMs = performance.now();
    const isQuiet = () => performance.now() - Math.max(facts.lastAtMs, startMs) > quietMs;
    while (received.length < count && !isQuiet()) await Bun.sleep(LOOK_MS);
    return received.length >= count;
  };
  return {
    connection,
    received,
    reusedIdentifiers: log.reusedIdentifiers,
    get unacknowledgedMax() {
      return facts.unacknowledgedMax;
    },
    get lastAtMs() {
      return facts.lastAtMs;
    },
    awaitCount,
    async awaitQuiet(quietMs) {
      await awaitCount(Number.POSITIVE_INFINITY, quietMs);
    },
  };
}

function createReceivedLog(acknowledges: boolean) {
  const received: Received[] = [];
  const reusedIdentifiers: number[] = [];
  const unacknowledged = new Set<number>();
  const facts = { unacknowledgedMax: 0, lastAtMs: performance.now() };
  let pubacks: Buffer[] = [];
  return {
    received,
    reusedIdentifiers,
    facts,
    receive(first: number, bytes: Buffer, start: number, end: number): void {
      if (first >> 4 !== PUBLISH) return;
      const message = parseMessage(first, bytes, start, end);
      received.push(message);
      facts.lastAtMs = performance.now();
      const { identifier } = message;
      if (identifier === 0) return;
      if (unacknowledged.has(identifier)) reusedIdentifiers.push(identifier);
      unacknowledged.add(identifier);
      facts.unacknowledgedMax = Math.max(facts.unacknowledgedMax, unacknowledged.size);
      if (acknowledges) pubacks.push(encodePuback(identifier));
    },
    /** All of one read. */
    acknowledge(send: (bytes: Buffer) => void): void {
      if (pubacks.length === 0) return;
      send(Buffer.concat(pubacks));
      pubacks = [];
      unacknowledged.clear();
    },
  };
}

/** A PUBLISH whose properties take less than 128 bytes. */
function parseMessage(first: number, bytes: Buffer, start: number, end: number): Received {
  const topicEnd = start + 2 + readTwo(bytes, start);
  const hasIdentifier = (first & 0b110) !== 0;
  const propertiesAt = hasIdentifier ? topicEnd + 2 : topicEnd;
  return {
    topic: bytes.toString("utf8", start + 2, topicEnd),
    payload: bytes.toString("latin1", propertiesAt + 1 + (bytes[propertiesAt] ?? 0), end),
    identifier: hasIdentifier ? readTwo(bytes, topicEnd) : 0,
    isDuplicate: (first & 0b1000) !== 0,
    isRetained: (first & 1) !== 0,
  };
}
