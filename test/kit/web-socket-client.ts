// MQTT in bytes over a WebSocket: the frames are the test's own choice.

import { generate, type Packet, parser } from "mqtt-packet";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type WebSocketClient = AsyncDisposable & {
  /** The sub-protocol that the broker chose; "" for none. */
  readonly protocol: string;
  /** One frame: binary, or text when it is a string. */
  send(frame: Uint8Array | string): void;
  sendPacket(packet: Packet): void;
  /** Takes the oldest packet of this kind; waits for it when there is none. */
  next<C extends Packet["cmd"]>(cmd: C): Promise<Extract<Packet, { cmd: C }>>;
  readonly packets: readonly Packet[];
  /** Resolves to the close code. */
  readonly closed: Promise<number>;
  close(): void;
};

/** Throws when the broker does not upgrade. */
export async function connectWebSocket(
  url: string,
  protocols: string[] = ["mqtt"],
  options: Pick<Bun.WebSocketOptions, "tls"> = {},
): Promise<WebSocketClient> {
  const socket = new WebSocket(url, { ...options, protocols } as Bun.WebSocketOptions);
  socket.binaryType = "arraybuffer";
  const packets: Packet[] = [];
  const waiting: Packet[] = [];
  const changes = createChanges();
  const opened = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<number>();
  const state = { isClosed: false };
  const parse = parser({ protocolVersion: 5 }).on("packet", (packet) => {
    packets.push(packet);
    waiting.push(packet);
    changes.announce();
  });
  socket.onopen = opened.resolve;
  socket.onmessage = ({ data }) => void parse.parse(Buffer.from(data as ArrayBuffer));
  socket.onclose = ({ code }) => {
    state.isClosed = true;
    opened.reject(new Error(`the WebSocket did not open: ${code}`));
    closed.resolve(code);
    changes.announce();
  };
  await opened.promise;

  return {
    protocol: socket.protocol,
    send: (frame) => socket.send(frame),
    sendPacket: (packet) => socket.send(generate(packet, { protocolVersion: 5 })),
    async next<C extends Packet["cmd"]>(cmd: C) {
      const take = () => {
        const at = waiting.findIndex((packet) => packet.cmd === cmd);
        if (at >= 0) return waiting.splice(at, 1)[0] as Extract<Packet, { cmd: C }>;
        if (state.isClosed) throw new Error(`no ${cmd} came: the WebSocket was closed`);
        return undefined;
      };
      return changes.wait(take, WAIT_TIMEOUT_MS, () => new Error(`no ${cmd} came`));
    },
    packets,
    closed: closed.promise,
    close: () => socket.close(),
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed.promise;
    },
  };
}
