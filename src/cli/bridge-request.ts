// Asks the bridge that runs on this machine, over its HTTP side. Used by commands that need what
// only the running bridge has: its handlers.

import { readLanLogin } from "../app/lan-login.ts";
import { toUrlHost } from "../config/broker-address.ts";
import { isLoopback } from "../config/loopback.ts";
import type { Settings } from "../config/read.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";

/** An address to listen on that stands for all of them is none to ask at. */
const REACHABLE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Not by the proxy of the environment, which is for the world outside, and without the five minutes
 * after which fetch gives up: a handler may take longer. Bun's types do not know `proxy: false`.
 */
const DIRECTLY = { proxy: false, timeout: false } as RequestInit;

type Problem = { readonly code: string; readonly detail: string; readonly hint: string };

/**
 * POSTs to the bridge at `--host` and `--port`; resolves to the JSON of its answer, however long it
 * takes. Throws `bridge_unreachable`, and `bridge_refused` with the words of its error.
 */
export async function postToBridge(settings: Settings, path: string): Promise<unknown> {
  const { host, port } = settings;
  const token = findToken(settings);
  const headers = { ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  const url = `http://${toUrlHost(REACHABLE[host] ?? host)}:${port}`;
  const toUnreachable = (reason: string, cause?: unknown) =>
    new ViadutoError("bridge_unreachable", { url, reason }, { cause });
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(`${url}${path}`, { method: "POST", headers, ...DIRECTLY });
    body = await answer.json();
  } catch (cause) {
    throw toUnreachable(describeFailure(cause), cause);
  }
  if (answer.ok) return body;
  if (!isProblem(body)) throw toUnreachable(`its answer is ${answer.status}, and not viaduto's`);
  throw new ViadutoError("bridge_refused", { reason: body.detail, remedy: body.hint });
}

// A bridge with --lan has made its own; to other machines it is not sent.
function findToken({ httpToken, host, data }: Settings): string | undefined {
  if (httpToken !== undefined) return httpToken;
  const isHere = isLoopback(REACHABLE[host] ?? host);
  return isHere && data !== ":memory:" ? readLanLogin(data)?.httpToken : undefined;
}

function describeFailure(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ECONNREFUSED") return "nothing listens there";
  return code === "ECONNRESET" ? "it hung up before its answer" : toReason(cause);
}

function isProblem(body: unknown): body is Problem {
  const { code, detail, hint } = (body ?? {}) as Partial<Problem>;
  return [code, detail, hint].every((text) => typeof text === "string");
}
