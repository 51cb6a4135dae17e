// The files of a broker with TLS, in a folder of their own, and connections to it with or without a
// client certificate.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { generate } from "mqtt-packet";
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from "./certificates.ts";
import { CLIENT, CLIENT_AUTHORITY, RENEWED_SERVER } from "./client-certificates.ts";
import { connectPacket } from "./raw-client.ts";

/** Names of files: what `--tls-cert`, `--tls-key`, `--tls-ca` and clients are given. */
export type TlsFolder = AsyncDisposable & {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
  readonly clientAuthority: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Puts the renewed certificate, or any text, in the place of the server's. */
  renew(text?: string): Promise<void>;
};

export type Identity = { readonly certificate: string; readonly key: string };

export async function makeTlsFolder(): Promise<TlsFolder> {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-doors-"));
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    authority: await write("authority.pem", AUTHORITY),
    cert: await write("server.pem", SERVER_CERTIFICATE),
    key: await write("server.key", SERVER_KEY),
    clientAuthority: await write("clients.pem", CLIENT_AUTHORITY),
    clientCert: await write("client.pem", CLIENT.certificate),
    clientKey: await write("client.key", CLIENT.key),
    async renew(text = RENEWED_SERVER.certificate) {
      await write("server.pem", text);
      await write("server.key", RENEWED_SERVER.key);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Resolves once the handshake is over for this side; a refusal may still follow (TLS 1.3). */
export async function connectTls(
  port: number,
  identity?: Identity,
  more: { readonly maxVersion?: "TLSv1.1" | "TLSv1.2" } = {},
): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: [AUTHORITY, CLIENT_AUTHORITY],
    ...(identity && { cert: identity.certificate, key: identity.key }),
    ...more,
  });
  const connected = Promise.withResolvers<void>();
  socket.once("secureConnect", connected.resolve);
  socket.on("error", connected.reject); // After the handshake: "close" follows.
  socket.once("close", () => connected.reject(new Error("closed within the handshake")));
  await connected.promise;
  return socket;
}

/** As `connectTls`, and the broker has answered CONNECT. */
export async function connectMqtts(port: number, identity?: Identity): Promise<TLSSocket> {
  const socket = await connectTls(port, identity);
  socket.write(generate(connectPacket(5, "device"), { protocolVersion: 5 }));
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

/** Resolves when the socket is gone. */
export async function waitForClose(socket: TLSSocket): Promise<void> {
  socket.resume();
  if (socket.destroyed) return;
  await new Promise((resolve) => socket.once("close", resolve));
}

/** Connects, and resolves when the server has hung up, in the handshake or right after it. */
export async function expectRefusal(
  port: number,
  identity?: Identity,
  maxVersion?: "TLSv1.1" | "TLSv1.2",
): Promise<void> {
  const options = maxVersion ? { maxVersion } : {};
  const socket = await connectTls(port, identity, options).catch(() => undefined);
  if (socket) await waitForClose(socket);
}
