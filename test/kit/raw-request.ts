// A request byte for byte, as no client of HTTP would send it.

import { connect } from "node:net";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type RawAnswer = {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
};

/** Sends bytes to a port of this machine, and waits until the whole answer is there, or the end. */
export async function sendBytes(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  const changes = createChanges();
  const chunks: Buffer[] = [];
  let isClosed = false;
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (chunk) => {
    chunks.push(Buffer.from(chunk));
    changes.announce();
  });
  socket.on("error", () => {}); // A reset is an end as well.
  socket.on("close", () => {
    isClosed = true;
    changes.announce();
  });
  socket.write(bytes);
  try {
    const take = () => parseAnswer(Buffer.concat(chunks), isClosed);
    return await changes.wait(take, WAIT_TIMEOUT_MS, () => new Error(`no answer to ${bytes}`));
  } finally {
    socket.destroy();
  }
}

/** A request without a body; the headers are sent as they are, in this order. */
export function sendRaw(
  { url }: { readonly url: string },
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  version = "HTTP/1.1",
): Promise<RawAnswer> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${path} ${version}`, ...lines].join("\r\n");
  return sendBytes(Number(new URL(url).port), `${head}\r\n\r\n`);
}

/** Undefined while more must come. */
export function parseAnswer(bytes: Buffer, isClosed: boolean): RawAnswer | undefined {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return isClosed ? { status: 0, headers: new Headers(), body: "" } : undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(":");
    headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  const body = text.slice(end + 4);
  const length = Number(headers.get("content-length") ?? 0);
  if (body.length < length && !isClosed) return undefined;
  return { status: Number(first.split(" ")[1]), headers, body };
}
