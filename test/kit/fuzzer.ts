// Talks nonsense to a broker over many connections at once.

import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createConversation } from "./fuzz-bytes.ts";
import { createRandom, type Random } from "./random.ts";

export type FuzzOptions = {
  readonly port: number;
  readonly wsPort: number;
  /** The same seed sends the same bytes; in which order they meet is the machine's affair. */
  readonly seed: number;
  readonly seconds: number;
};

export type FuzzResult = { readonly connections: number; readonly bytes: number };

const LOOPS = 12;
const WEB_SOCKET_LOOPS = 2;
/** How long a connection may stay open and be answered, now and then. */
const LINGER_MS = 20;

/** Runs until the time is up; throws when the broker takes no connection any more. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const deadline = performance.now() + options.seconds * 1_000;
  const counts = { connections: 0, bytes: 0 };
  const runLoop = async (_: unknown, at: number) => {
    const random = createRandom(options.seed + at);
    while (performance.now() < deadline) {
      const chunks = cut(random, createConversation(random));
      const talk = at < WEB_SOCKET_LOOPS ? talkWebSocket : talkTcp;
      await talk(options, chunks, random);
      counts.connections += 1;
      for (const chunk of chunks) counts.bytes += chunk.length;
    }
  };
  await Promise.all(Array.from({ length: LOOPS }, runLoop));
  return counts;
}

/** All in one piece, each packet on its own, or cut anywhere. */
function cut(random: Random, packets: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(packets);
  const at = random.below(all.length + 1);
  return random.pick([[...packets], [all], [all.subarray(0, at), all.subarray(at)]]);
}

async function talkTcp({ port }: FuzzOptions, chunks: readonly Buffer[], random: Random) {
  const socket = connectSocket(port, "127.0.0.1");
  socket.on("error", () => {}); // A reset by the broker is a fine answer; "close" follows.
  socket.resume();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([once(socket, "connect"), closed]);
  if (socket.destroyed) throw new Error("the broker takes no connection any more");
  for (const chunk of chunks) {
    if (!socket.destroyed) socket.write(chunk);
    await nextTurn();
  }
  if (random.chance(0.3)) await linger(closed);
  if (random.chance(0.2)) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

async function talkWebSocket({ wsPort }: FuzzOptions, chunks: readonly Buffer[], random: Random) {
  const socket = new WebSocket(`ws://127.0.0.1:${wsPort}/mqtt`, "mqtt");
  const opened = Promise.withResolvers<unknown>();
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.onopen = opened.resolve;
  socket.onerror = opened.reject;
  await opened.promise;
  socket.onerror = null;
  for (const chunk of chunks) {
    if (socket.readyState === WebSocket.OPEN) socket.send(random.chance(0.02) ? "text" : chunk);
    await nextTurn();
  }
  if (random.chance(0.3)) await linger(closed);
  if (random.chance(0.5)) socket.close();
  else socket.terminate();
  await closed;
}

async function linger(closed: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LINGER_MS);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
}
