// A server for connections over TLS: the handshake with its deadline, client certificates, and new
// certificates without a restart. listen-tls.ts and listen-secure-websocket.ts serve on it what
// they serve; who fails the handshake never reaches them.

import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import { readPemFiles } from "../config/pem-file.ts";
import { toReason } from "../lib/errors.ts";
import { openServer, prepareSocket, readPort } from "./listen-tcp.ts";
import { type Listener, type Peer, toHost } from "./peer.ts";

/** Names of the files. A CA asks every client for a certificate of its. */
export type TlsFiles = {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
};
/** Their texts. */
export type TlsIdentity = ReturnType<typeof readPemFiles>;

export type SecureOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly identity: TlsIdentity;
  /** How long the handshake may take. */
  readonly connectTimeoutMs: number;
  /** Handshakes that may be under way at once. */
  readonly connectionsMax: number;
  /** Called for everyone who did not get through the handshake. */
  readonly onTlsFailure: (host: string, reason: string) => void;
};

/** What one kind of connection is. */
type SecureDoor = {
  /** For people: "MQTT over TLS". */
  readonly what: string;
  /** The ways out when its port is taken. */
  readonly remedy: string;
  readonly toPeer: (socket: TLSSocket) => Omit<Peer, "certificateName">;
  readonly onSocket: (socket: TLSSocket, peer: Peer) => void;
};

export type SecureListener = Listener & {
  /** From the next handshake on. */
  replaceIdentity(identity: TlsIdentity): void;
};

/** Throws `file_unreadable`, also for a key that is not the certificate's. */
export function readIdentity({ cert, key, ca }: TlsFiles): TlsIdentity {
  return readPemFiles({ cert, key, ca });
}

/** A server that listens. Throws `port_taken`, `address_unavailable`. */
export async function openTlsServer(
  options: SecureOptions,
  door: SecureDoor,
): Promise<SecureListener> {
  const { host, port, onTlsFailure, identity } = options;
  const server = createServer(toTlsOptions(options, identity));
  const handshakes = limitHandshakes(server, options);
  server.on("secureConnection", (socket) => {
    prepareSocket(socket);
    const peer = door.toPeer(socket);
    const name = readCommonName(socket);
    if (identity.ca === undefined) return door.onSocket(socket, peer);
    if (name !== undefined) return door.onSocket(socket, { ...peer, certificateName: name });
    onTlsFailure(peer.host, "its certificate has no common name to be its user name");
    socket.destroy();
  });
  await openServer(server, { what: door.what, host, port, remedy: door.remedy });
  return {
    port: readPort(server, port),
    replaceIdentity: (next) => server.setSecureContext(toTlsOptions(options, next)),
    // The open connections are the engine's to end; those in their handshake are nobody's.
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of handshakes) socket.destroy();
    },
  };
}

function toTlsOptions({ connectTimeoutMs }: SecureOptions, identity: TlsIdentity): TlsOptions {
  const asksForCertificate = identity.ca !== undefined;
  return {
    ...identity,
    minVersion: "TLSv1.2",
    handshakeTimeout: connectTimeoutMs,
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate,
  };
}

// Until its handshake is over, a connection counts for no limit of the broker.
function limitHandshakes(server: Server, options: SecureOptions): ReadonlySet<Socket> {
  const { onTlsFailure, connectionsMax } = options;
  const handshakes = new Set<Socket>();
  // Noted when it comes: a socket that its peer has reset has no address any more.
  const hosts = new WeakMap<Socket, string>();
  server.on("connection", (socket: Socket) => {
    const host = toHost(socket.remoteAddress);
    if (handshakes.size >= connectionsMax) {
      onTlsFailure(host, `${connectionsMax} handshakes are under way (--connections-max)`);
      return void socket.destroy();
    }
    hosts.set(socket, host);
    handshakes.add(socket);
    socket.once("close", () => handshakes.delete(socket));
    // Who leaves in the middle, or sends no TLS, is told of below.
    socket.on("error", () => {});
  });
  server.on("secureConnection", (socket) => handshakes.delete(socket));
  server.on("tlsClientError", (error: Error, socket: Socket) => {
    onTlsFailure(hosts.get(socket) ?? toHost(socket.remoteAddress), describeFailure(error));
    // Bun leaves it open after a deadline, and when the certificate is not to be trusted.
    socket.destroy();
  });
  return handshakes;
}

const FAILURES: Readonly<Record<string, string>> = {
  ERR_TLS_HANDSHAKE_TIMEOUT: "the handshake took too long",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "it shows no certificate (--tls-ca asks for one)",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of no authority in --tls-ca",
  ERR_SSL_WRONG_VERSION_NUMBER: "that is not TLS",
  ERR_SSL_HTTP_REQUEST: "that is HTTP, and not TLS",
};

function describeFailure(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  const reason = toReason(error).replace(/^error:\w+:SSL routines:OPENSSL_internal:/, "");
  return Object.hasOwn(FAILURES, code) ? (FAILURES[code] ?? reason) : reason;
}

// A name with several values, or with what no user name may have, is none.
function readCommonName(socket: TLSSocket): string | undefined {
  const name: unknown = socket.getPeerCertificate()?.subject?.CN;
  return typeof name === "string" && /^[^\p{Cc}]+$/u.test(name) ? name : undefined;
}
