// Where the link connects to: a label for people and a way to open a byte stream. mqtt.js could
// open these itself, but then neither could its writes be joined, nor the embedded broker be
// reached.

import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { BrokerAddress } from "../config/broker-address.ts";
import { WebSocketStream } from "../lib/web-socket-stream.ts";

/** Of a turn's packets, which are written as one; brokers have limits for frames, ours too. */
const FRAME_BYTES_MAX = 1 << 20;

export type Target = {
  /** For log lines and errors; without credentials. */
  readonly label: string;
  /** The login at this broker. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly open: () => Duplex;
};

/** TLS towards the broker: PEM texts, and whether an unproven certificate is accepted. */
export type TlsOptions = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure: boolean;
};

export function createTarget(address: BrokerAddress, tls: TlsOptions): Target {
  const { label, username, password } = address;
  return { label, username, password, open: () => openStream(address, tls) };
}

function openStream(address: BrokerAddress, { insecure, ...pem }: TlsOptions): Duplex {
  const { host, port } = address;
  const secure = { ...pem, rejectUnauthorized: !insecure };
  switch (address.protocol) {
    case "mqtt":
      return connectTcp({ host, port, noDelay: true });
    case "mqtts":
      // Server Name Indication takes names only (RFC 6066 section 3).
      return connectTls({ host, port, ...secure, ...(isName(host) && { servername: host }) });
    case "ws":
    case "wss":
      return openWebSocket(address, secure);
    default:
      return address.protocol satisfies never;
  }
}

function openWebSocket(address: BrokerAddress, tls: object): Duplex {
  const url = `${address.protocol}://${toUrlHost(address.host)}:${address.port}${address.path}`;
  // Bun's WebSocket takes `tls`; the standard one knows only the protocols.
  const options = { protocols: ["mqtt"], tls } as unknown as string[];
  const socket = new WebSocket(url, options);
  socket.binaryType = "arraybuffer";
  // Frames may only be sent once the socket is open; until then they wait here.
  let waiting: Buffer[] | undefined = [];
  const sink = {
    send: (bytes: Buffer) => void (waiting ? waiting.push(bytes) : socket.send(bytes)),
    close: () => socket.close(),
    waitingBytes: () => socket.bufferedAmount,
    frameBytesMax: FRAME_BYTES_MAX,
  };
  const stream = new WebSocketStream(sink, address.label);
  socket.addEventListener("open", () => {
    for (const bytes of waiting ?? []) socket.send(bytes);
    waiting = undefined;
    stream.emit("connect");
  });
  socket.addEventListener("message", ({ data }) => stream.receive(Buffer.from(data)));
  socket.addEventListener("error", (event) => {
    const reason = "message" in event && event.message ? String(event.message) : "WebSocket failed";
    stream.destroy(Object.assign(new Error(reason), { code: "EWEBSOCKET" }));
  });
  socket.addEventListener("close", () => stream.finish());
  return stream;
}

function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(":");
}

function toUrlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
