// Sends a draft and tells what became of it: the broker's answer, or the reply of whoever was
// asked. The page shows the last outcome.

import type { Api } from "../live/api.ts";
import type { Draft } from "./publish-draft.ts";
import { toAskingPath, toBytes, toPublishBody, toTimeoutMs } from "./sent-message.ts";

export type Outcome =
  /** Nobody subscribes when it is not heard; with QoS 0 nobody can say. */
  | {
      readonly kind: "published";
      readonly topic: string;
      readonly hearing: "heard" | "unheard" | "unknown";
      readonly tookMs: number;
    }
  | { readonly kind: "replied"; readonly topic: string; readonly reply: Reply }
  | { readonly kind: "failed"; readonly topic: string; readonly error: unknown }
  | { readonly kind: "cancelled"; readonly topic: string; readonly tookMs: number };

export type Reply = {
  /** Of HTTP: what the reply says of itself, else 200. */
  readonly status: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly topic: string;
  readonly qos: string;
  readonly expirySeconds: string | undefined;
  readonly userProperties: readonly (readonly [name: string, value: string])[];
  readonly tookMs: number;
};

const ACCEPTED = 202;
/** Only a reply has it, and no answer of the bridge's own. */
const REPLY_MARK = "MQTT-Topic";
/** How much longer than the bridge the page waits for its answer. */
const PATIENCE_MS = 5_000;

/** Publishes it. Never rejects: what went wrong is the outcome. */
export async function publishDraft(api: Api, message: Draft, topic: string): Promise<Outcome> {
  const startedMs = performance.now();
  try {
    const answer = await api.fetch("publish", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(toPublishBody(message, topic)),
    });
    const isUnheard = answer.status === ACCEPTED;
    const hearing = isUnheard ? "unheard" : message.qos === 0 ? "unknown" : "heard";
    return { kind: "published", topic, hearing, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { kind: "failed", topic, error };
  }
}

/** Asks, and waits for the reply until the signal ends it. Never rejects. */
export async function askDraft(
  api: Api,
  message: Draft,
  topic: string,
  cancelled: AbortSignal,
): Promise<Outcome> {
  const startedMs = performance.now();
  const late = AbortSignal.timeout(toTimeoutMs(message) + PATIENCE_MS);
  try {
    const init = { method: "POST", body: toBytes(message), headers: { Accept: "*/*" } };
    const signal = AbortSignal.any([cancelled, late]);
    const answer = await api.fetch(toAskingPath(message, topic), { ...init, signal }, isReply);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const reply = readReply(answer, bytes, performance.now() - startedMs);
    return { kind: "replied", topic, reply };
  } catch (error) {
    if (!cancelled.aborted) return { kind: "failed", topic, error };
    return { kind: "cancelled", topic, tookMs: performance.now() - startedMs };
  }
}

// A reply may say that it went wrong, as 404; it is a reply all the same.
function isReply(answer: Response): boolean {
  return answer.ok || answer.headers.has(REPLY_MARK);
}

function readReply({ status, headers }: Response, bytes: Reply["bytes"], tookMs: number): Reply {
  return {
    status,
    bytes,
    contentType: headers.get("Content-Type") ?? "",
    topic: decodeTopic(headers.get(REPLY_MARK) ?? ""),
    qos: headers.get("MQTT-QoS") ?? "",
    expirySeconds: headers.get("MQTT-Message-Expiry-Interval") ?? undefined,
    userProperties: readPairs(headers.get("MQTT-User-Properties")),
    tookMs,
  };
}

function decodeTopic(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text; // Shown as it came.
  }
}

function readPairs(json: string | null): Reply["userProperties"] {
  if (json === null) return [];
  const given = JSON.parse(json) as Readonly<Record<string, string | readonly string[]>>;
  return Object.entries(given).flatMap(([name, values]) => {
    return [values].flat().map((value) => [name, String(value)] as const);
  });
}
