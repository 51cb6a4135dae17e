// One MQTT 5 connection in bytes, for the broker's benchmark and its tests: it knows CONNECT,
// SUBSCRIBE and how to write what the socket does not take at once. It answers nothing by itself:
// PUBACKs are up to whoever opened it, who can so see what a broker does without them.

import { parser } from "mqtt-packet";
import {
  CONNACK,
  type ConnectOptions,
  createPacketReader,
  DISCONNECT_BYTES,
  encodeConnect,
  encodeSubscribe,
  FAILURE_MIN,
  type OnPacket,
  SUBACK,
} from "./mqtt-bytes.ts";

export type ConnectionOptions = ConnectOptions & {
  readonly port: number;
  readonly clientId: string;
  /** Every packet but CONNACK and SUBACK; the bytes are valid during the call only. */
  readonly onPacket?: OnPacket;
  /** After all whole packets of one read; the first may come before the connection is returned. */
  readonly onRead?: (send: Connection["send"]) => void;
  readonly timeoutMs?: number;
};

export type Connack = { readonly isSessionPresent: boolean; readonly receiveMaximum: number };

export type Connection = Connack & {
  /** The bytes may wait for the socket: they must stay as they are. */
  send(bytes: Buffer): void;
  /** Resolves at the SUBACK; throws when the broker refuses. */
  subscribe(filter: string, qos?: 0 | 1): Promise<void>;
  /** Stops reading, so that the broker's writes pile up. */
  pause(): void;
  /** Sends DISCONNECT; resolves when the connection is gone. */
  leave(): Promise<void>;
  /** Ends it as a crash would. */
  destroy(): void;
  /** Resolves when it is gone, whoever ended it. */
  readonly closed: Promise<void>;
};

const TIMEOUT_MS = 10_000;

/** Resolves when CONNECT is accepted. Throws when it is refused, and when time is up. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { port, clientId, timeoutMs = TIMEOUT_MS } = options;
  const answers = createAnswers(options);
  const waiting: Buffer[] = [];
  function send(bytes: Buffer): void {
    waiting.push(bytes);
    if (waiting.length === 1) flush(socket, waiting);
  }
  const cut = createPacketReader(answers.receive);
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(_, chunk) {
        cut(chunk);
        options.onRead?.(send);
      },
      drain: (socket) => flush(socket, waiting),
      close: answers.close,
    },
  });
  socket.setNoDelay(true);
  send(encodeConnect(clientId, options));
  const connack = await inTime(answers.connack, timeoutMs, `no CONNACK for '${clientId}'`);
  return {
    ...connack,
    send,
    async subscribe(filter, qos) {
      const suback = answers.awaitSuback();
      send(encodeSubscribe(filter, qos));
      await inTime(suback, timeoutMs, `no SUBACK for '${clientId}'`);
    },
    pause: () => void socket.pause(),
    async leave() {
      send(DISCONNECT_BYTES);
      socket.end();
      await answers.closed;
    },
    destroy: () => socket.terminate(),
    closed: answers.closed,
  };
}

/** What the broker answers to CONNECT and SUBSCRIBE; all else is handed on. */
function createAnswers({ clientId, onPacket }: ConnectionOptions) {
  const connack = Promise.withResolvers<Connack>();
  const closed = Promise.withResolvers<void>();
  let suback = Promise.withResolvers<void>();
  // Both are waited for only by whoever asks.
  connack.promise.catch(() => {});
  suback.promise.catch(() => {});
  return {
    connack: connack.promise,
    closed: closed.promise,
    awaitSuback(): Promise<void> {
      suback = Promise.withResolvers<void>();
      return suback.promise;
    },
    receive(first: number, bytes: Buffer, start: number, end: number): void {
      const type = first >> 4;
      if (type === CONNACK) settleConnack(connack, bytes.subarray(start - 2, end));
      else if (type === SUBACK) settleSuback(suback, bytes[end - 1]);
      else onPacket?.(first, bytes, start, end);
    },
    close(): void {
      const error = new Error(`the connection of '${clientId}' was closed`);
      connack.reject(error);
      suback.reject(error);
      closed.resolve();
    },
  };
}

/** Writes as much of what waits as the socket takes. */
function flush(socket: Bun.Socket, waiting: Buffer[]): void {
  for (let next = waiting[0]; next; next = waiting[0]) {
    const written = Math.max(socket.write(next), 0);
    if (written < next.length) {
      waiting[0] = next.subarray(written);
      return;
    }
    waiting.shift();
  }
}

/** The promise's value, unless it takes longer: then an error with these words. */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, words: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${words} in ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of a whole CONNACK; without the property it is 65,535 (MQTT 5 section 3.2.2.3.3). */
export function parseConnack(connack: Buffer): Connack & { readonly reasonCode: number } {
  const reader = parser({ protocolVersion: 5 });
  let parsed = { isSessionPresent: false, receiveMaximum: 65_535, reasonCode: FAILURE_MIN };
  reader.on("packet", (packet) => {
    if (packet.cmd !== "connack") return;
    const { sessionPresent: isSessionPresent, reasonCode = 0, properties } = packet;
    parsed = {
      isSessionPresent,
      receiveMaximum: properties?.receiveMaximum ?? 65_535,
      reasonCode,
    };
  });
  reader.parse(connack);
  return parsed;
}

type Settled<T> = ReturnType<typeof Promise.withResolvers<T>>;

function settleConnack(accepted: Settled<Connack>, bytes: Buffer): void {
  const { reasonCode, ...connack } = parseConnack(bytes);
  if (reasonCode < FAILURE_MIN) accepted.resolve(connack);
  else accepted.reject(new Error(`CONNACK refuses with 0x${reasonCode.toString(16)}`));
}

function settleSuback(subscribed: Settled<void>, reasonCode = FAILURE_MIN): void {
  if (reasonCode < FAILURE_MIN) subscribed.resolve();
  else subscribed.reject(new Error(`SUBACK refuses with 0x${reasonCode.toString(16)}`));
}
