// MQTT in bytes over a plain TCP socket, for the edges of the protocol that a real client would
// never show. It answers nothing by itself: no PUBACK, no PINGREQ.

import { connect as connectSocket, type Socket } from "node:net";
import { generate, type IConnectPacket, type Packet, type PacketCmd, parser } from "mqtt-packet";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type ProtocolVersion = 3 | 4 | 5;
type PacketOf<C extends PacketCmd> = Extract<Packet, { cmd: C }>;

export type RawClient = AsyncDisposable & {
  /** Bytes as they are; text is hexadecimal, spaces allowed: `"c0 00"`. */
  send(bytes: Uint8Array | string): void;
  sendPacket(packet: Packet): void;
  /**
   * Takes the oldest packet not taken yet, of this kind when one is named; waits for it when there
   * is none. Throws when time is up, the connection is closed, or the bytes are not MQTT.
   */
  next(): Promise<Packet>;
  next<C extends PacketCmd>(
    cmd: C,
    options?: { readonly timeoutMs?: number },
  ): Promise<PacketOf<C>>;
  /** All packets so far, taken or not. */
  readonly packets: readonly Packet[];
  /** Resolves when the connection is gone, whoever ended it and however. */
  readonly closed: Promise<void>;
  /** Stops reading, so that the peer's writes pile up; `resume` goes on. */
  pause(): void;
  resume(): void;
  /** Ends the connection without DISCONNECT, as a crash would. */
  destroy(): void;
};

/** A TCP connection to a broker, before CONNECT. Throws when nothing listens there. */
export async function connectRaw(
  port: number,
  options: { readonly host?: string; readonly version?: ProtocolVersion } = {},
): Promise<RawClient> {
  const socket = connectSocket({ port, host: options.host ?? "127.0.0.1", noDelay: true });
  const connected = Promise.withResolvers<void>();
  socket.once("connect", connected.resolve);
  socket.once("error", connected.reject);
  await connected.promise;
  const protocolVersion = options.version ?? 5;
  const inbox = createInbox(socket, protocolVersion);

  return {
    send(bytes) {
      socket.write(typeof bytes === "string" ? fromHex(bytes) : bytes);
    },
    sendPacket(packet) {
      socket.write(generate(packet, { protocolVersion }));
    },
    next: inbox.next,
    packets: inbox.packets,
    closed: inbox.closed,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await inbox.closed;
    },
  };
}

/** A CONNECT with a clean session; `more` changes any of it. */
export function connectPacket(
  version: ProtocolVersion,
  clientId: string,
  more: Partial<Omit<IConnectPacket, "cmd" | "protocolVersion" | "clientId">> = {},
): IConnectPacket {
  return {
    cmd: "connect",
    protocolId: version === 3 ? "MQIsdp" : "MQTT",
    protocolVersion: version,
    clientId,
    clean: true,
    keepalive: 60,
    ...more,
  };
}

function fromHex(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, "");
  // Buffer.from would stop at the first wrong digit and send the rest of nothing.
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Buffer.from(digits, "hex");
}

type Inbox = Pick<RawClient, "next" | "packets" | "closed">;

function createInbox(socket: Socket, protocolVersion: ProtocolVersion): Inbox {
  const packets: Packet[] = [];
  const waiting: Packet[] = [];
  const changes = createChanges();
  const closed = Promise.withResolvers<void>();
  const parse = parser({ protocolVersion });
  const state: { end?: string } = {};

  function finish(reason: string): void {
    state.end ??= reason;
    changes.announce();
  }
  parse.on("packet", (packet) => {
    packets.push(packet);
    waiting.push(packet);
    changes.announce();
  });
  parse.on("error", (error: Error) => finish(`not MQTT: ${error.message}`));
  socket.on("data", (bytes) => void parse.parse(Buffer.from(bytes)));
  socket.on("error", (error) => finish(error.message)); // A reset by the peer; "close" follows.
  socket.on("close", () => {
    finish("the connection was closed");
    closed.resolve();
  });

  function next(cmd?: PacketCmd, { timeoutMs = WAIT_TIMEOUT_MS } = {}): Promise<Packet> {
    const take = () => {
      const at = waiting.findIndex((packet) => cmd === undefined || packet.cmd === cmd);
      if (at >= 0) return waiting.splice(at, 1)[0];
      if (state.end) throw new Error(`no ${cmd ?? "packet"} came: ${state.end}`);
      return undefined;
    };
    return changes.wait(take, timeoutMs, () => {
      const seen = packets.map((packet) => packet.cmd).join(", ") || "nothing";
      return new Error(`no ${cmd ?? "packet"} within ${timeoutMs} ms; came: ${seen}`);
    });
  }
  return { packets, closed: closed.promise, next: next as RawClient["next"] };
}
