// Where clients come in: TCP and WebSocket, each plain and over TLS. A listener hands every
// accepted connection on as a stream with its peer, and knows nothing else. Opened by broker.ts.

import { listenSecureWebSocket } from "./listen-secure-websocket.ts";
import { listenTcp } from "./listen-tcp.ts";
import { listenTls } from "./listen-tls.ts";
import { listenWebSocket } from "./listen-websocket.ts";
import type { Accept, Listener } from "./peer.ts";
import {
  readIdentity,
  type SecureListener,
  type SecureOptions,
  type TlsFiles,
} from "./tls-server.ts";

export type ListenOptions = Pick<
  SecureOptions,
  "host" | "connectionsMax" | "connectTimeoutMs" | "onTlsFailure"
> & {
  /** TCP port; 0 takes a free one. */
  readonly mqttPort: number;
  /** Port for MQTT over WebSocket at /mqtt; 0 takes a free one. */
  readonly wsPort: number | "off";
  /** The same two over TLS; of no meaning without `tls`. */
  readonly tlsPort?: number | "off";
  readonly wssPort?: number | "off";
  /** The files of TLS; without them there is none. */
  readonly tls?: TlsFiles | undefined;
  readonly packetBytesMax: number;
};

/** Where clients come in; disposing accepts no more. */
export type Listening = AsyncDisposable & {
  readonly mqttPort: number;
  readonly wsPort: number | undefined;
  readonly tlsPort: number | undefined;
  readonly wssPort: number | undefined;
  /**
   * Reads the files of TLS again; who connects from now on meets what they hold. Throws
   * `file_unreadable`, and then what was there stays.
   */
  reloadCertificates(): void;
};

/**
 * All listeners, or none of them. Throws `port_taken`, `address_unavailable`, and `file_unreadable`
 * for the files of TLS.
 */
export async function openListeners(options: ListenOptions, accept: Accept): Promise<Listening> {
  const { host, mqttPort, wsPort, packetBytesMax } = options;
  await using stack = new AsyncDisposableStack();
  const keep = <L extends Listener>(listener: L): L => stack.use(listener);
  const tcp = keep(await listenTcp(host, mqttPort, accept));
  const webSocket =
    wsPort === "off"
      ? undefined
      : keep(await listenWebSocket(host, wsPort, accept, packetBytesMax));
  const secure = await openSecure(options, accept, keep);
  const owned = stack.move();
  return {
    mqttPort: tcp.port,
    wsPort: webSocket?.port,
    ...secure,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openSecure(
  options: ListenOptions,
  accept: Accept,
  keep: <L extends Listener>(listener: L) => L,
): Promise<Pick<Listening, "tlsPort" | "wssPort" | "reloadCertificates">> {
  const { tls: files, tlsPort = "off", wssPort = "off", packetBytesMax } = options;
  if (!files) return { tlsPort: undefined, wssPort: undefined, reloadCertificates() {} };
  const common = { ...options, identity: readIdentity(files) };
  const open = async (
    port: number | "off",
    listen: (port: number) => Promise<SecureListener>,
  ): Promise<SecureListener | undefined> => (port === "off" ? undefined : keep(await listen(port)));
  const tls = await open(tlsPort, (port) => listenTls({ ...common, port }, accept));
  const wss = await open(wssPort, (port) => {
    return listenSecureWebSocket({ ...common, port, packetBytesMax }, accept);
  });
  return {
    tlsPort: tls?.port,
    wssPort: wss?.port,
    reloadCertificates() {
      const identity = readIdentity(files);
      for (const listener of [tls, wss]) listener?.replaceIdentity(identity);
    },
  };
}
