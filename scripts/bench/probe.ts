// Waits until a contestant answers its first request: how the benchmark knows that one is ready,
// and how it measures a start.

import { setTimeout as sleep } from "node:timers/promises";
import {
  ANSWER_FILTER,
  CONNACK,
  createPacketReader,
  encodeConnect,
  encodePuback,
  encodePublish,
  encodeSubscribe,
  NO_MATCHING_SUBSCRIBERS,
  PUBACK,
  PUBLISH,
  parsePublish,
  SUBACK,
} from "./mqtt-bytes.ts";

export type ProbeOptions = {
  readonly port: number;
  readonly requestTopic: string;
  readonly timeoutMs: number;
  /** Throws when there is nothing to wait for any more. */
  readonly check: () => void;
};

/** Between attempts to connect, and between requests that nobody has subscribed to yet. */
const RETRY_MS = 1;
const REQUEST = { device_id: "sensor-0", version: "1.0" };

/**
 * Connects as soon as the port is open, sends a request as soon as somebody is subscribed, and
 * resolves with the answer's payload. Throws when `timeoutMs` pass before.
 */
export async function probe(options: ProbeOptions): Promise<string> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const answer = await attempt(options, deadlineMs).catch((error: unknown) => {
      // Refused, or closed while it starts: until the deadline that is only "not yet".
      if (performance.now() > deadlineMs) throw error;
      return undefined;
    });
    if (answer !== undefined) return answer;
    options.check();
    await sleep(RETRY_MS);
  }
}

async function attempt(options: ProbeOptions, deadlineMs: number): Promise<string> {
  const answered = Promise.withResolvers<string>();
  const connection = await Bun.connect({
    hostname: "127.0.0.1",
    port: options.port,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        socket.write(encodeConnect(`viaduto-probe-${process.pid}`));
      },
      data: (socket, chunk) => cut(socket, chunk),
      close: () => answered.reject(new Error("the connection was closed")),
    },
  });
  const left = Math.max(deadlineMs - performance.now(), 0);
  const timer = setTimeout(() => answered.reject(new Error("no answer in time")), left);
  let reader: ((chunk: Buffer) => void) | undefined;
  function cut(socket: Bun.Socket, chunk: Buffer): void {
    reader ??= createReader(socket, options.requestTopic, answered.resolve);
    reader(chunk);
  }
  try {
    return await answered.promise;
  } finally {
    clearTimeout(timer);
    connection.end();
  }
}

function createReader(socket: Bun.Socket, topic: string, onAnswer: (payload: string) => void) {
  const request = encodePublish(topic, JSON.stringify(REQUEST));
  request.bytes.writeUInt16BE(1, request.at);
  return createPacketReader((first, bytes, start, end) => {
    const type = first >> 4;
    if (type === CONNACK) socket.write(encodeSubscribe(ANSWER_FILTER));
    if (type === SUBACK) socket.write(request.bytes);
    if (type === PUBACK && bytes[start + 2] === NO_MATCHING_SUBSCRIBERS) {
      setTimeout(() => socket.write(request.bytes), RETRY_MS);
    }
    if (type !== PUBLISH) return;
    const { identifier, payloadStart } = parsePublish(bytes, start);
    socket.write(encodePuback(identifier));
    onAnswer(bytes.toString("utf8", payloadStart, end));
  });
}

/** Throws unless the payload is the reference handler's answer to the probe's request. */
export function checkAnswer(payload: string): void {
  const { device_id, status, request, timestamp } = JSON.parse(payload);
  const isRight =
    device_id === REQUEST.device_id &&
    status === "received" &&
    Bun.deepEquals(request, REQUEST) &&
    new Date(timestamp).toISOString() === timestamp;
  if (!isRight) throw new Error(`not the answer of the main job: ${payload}`);
}
