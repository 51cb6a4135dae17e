// A broker that does what the test tells it, packet by packet: for what no real broker does on
// demand. It answers nothing by itself but what `accept` says.

import { createServer, type Socket } from "node:net";
import { generate, type Packet, type PacketCmd, parser } from "mqtt-packet";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

type PacketOf<C extends PacketCmd> = Extract<Packet, { cmd: C }>;
type Connack = Partial<PacketOf<"connack">>;

export type ScriptedConnection = {
  /** Takes the oldest packet of this kind that is not taken yet; waits for it. */
  next<C extends PacketCmd>(cmd: C, timeoutMs?: number): Promise<PacketOf<C>>;
  /** Packets of this kind that are here and not taken. */
  waiting(cmd: PacketCmd): number;
  send(packet: Packet): void;
  sendBytes(bytes: Uint8Array): void;
  /** Takes CONNECT and SUBSCRIBE and says yes to both. */
  accept(connack?: Connack): Promise<PacketOf<"connect">>;
  destroy(): void;
  readonly closed: Promise<void>;
};

export type ScriptedBroker = AsyncDisposable & {
  readonly port: number;
  /** The oldest connection not taken yet; waits for it. */
  next(): Promise<ScriptedConnection>;
};

export async function startScriptedBroker(): Promise<ScriptedBroker> {
  const connections: ScriptedConnection[] = [];
  const sockets = new Set<Socket>();
  const changes = createChanges();
  const server = createServer((socket) => {
    sockets.add(socket);
    connections.push(toConnection(socket));
    changes.announce();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    next: () =>
      changes.wait(
        () => connections.shift(),
        WAIT_TIMEOUT_MS,
        () => new Error("nobody connected"),
      ),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function toConnection(socket: Socket): ScriptedConnection {
  const packets: Packet[] = [];
  const changes = createChanges();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const reader = parser({ protocolVersion: 5 });
  let version = 5;
  socket.on("error", () => {}); // A peer that goes away without a word is part of the tests.
  socket.on("data", (bytes: Buffer) => reader.parse(bytes));
  reader.on("packet", (packet: Packet) => {
    if (packet.cmd === "connect") version = packet.protocolVersion ?? 5;
    packets.push(packet);
    changes.announce();
  });
  const send = (packet: Packet) => {
    socket.write(generate(packet, { protocolVersion: version }));
  };

  async function next<C extends PacketCmd>(cmd: C, timeoutMs = WAIT_TIMEOUT_MS) {
    const take = () => {
      const at = packets.findIndex((packet) => packet.cmd === cmd);
      return at === -1 ? undefined : (packets.splice(at, 1)[0] as PacketOf<C>);
    };
    return changes.wait(take, timeoutMs, () => {
      return new Error(`no ${cmd}; there is ${packets.map((packet) => packet.cmd).join(" ")}`);
    });
  }
  return {
    next,
    waiting: (cmd) => packets.filter((packet) => packet.cmd === cmd).length,
    send,
    sendBytes: (bytes) => void socket.write(bytes),
    async accept(connack = {}) {
      const connect = await next("connect");
      const accepted = version === 5 ? { reasonCode: 0 } : { returnCode: 0 };
      send({ cmd: "connack", sessionPresent: false, ...accepted, ...connack });
      const { messageId, subscriptions } = await next("subscribe");
      const granted = subscriptions.map(({ qos }) => qos);
      send({ cmd: "suback", granted, ...(messageId && { messageId }) });
      return connect;
    },
    destroy: () => socket.destroy(),
    closed,
  };
}
