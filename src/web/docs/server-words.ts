// Where the broker is, as the words that Mosquitto's tools take, from the AsyncAPI document. Used
// by the page at /docs and by the explorer. Pure.

import { quote } from "./curl-line.ts";

export type AsyncApi = Readonly<Record<string, unknown>>;

/** Names the first one that they can reach: they know no WebSocket. */
export function toServerWords({ servers }: AsyncApi): string {
  const all = Object.values((servers ?? {}) as Readonly<Record<string, AsyncApi>>);
  const server = all.find(({ protocol }) => /^(secure-)?mqtt$/.test(String(protocol)));
  const [, host = "localhost", port = "1883"] = /^(.*):(\d+)$/.exec(String(server?.host)) ?? [];
  const login = (server?.security as readonly unknown[] | undefined)?.length;
  const words = ["-h", quote(host.replace(/^\[(.*)\]$/, "$1")), "-p", port];
  return [...words, ...(login ? ["-u", "USER", "-P", "PASSWORD"] : [])].join(" ");
}
