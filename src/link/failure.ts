// Why there is no connection, in the catalogue's words. Every way in which a connection can fail to
// open or can end comes through here, so that each is one clear sentence in the log.

import { ReasonCodes } from "mqtt";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { type MqttVersion, VERSION_NAMES } from "./state.ts";

export type FailureFacts = {
  readonly broker: string;
  readonly clientId: string;
  readonly version: MqttVersion;
};

const SESSION_TAKEN_OVER = 0x8e;

/** A CONNACK that refuses (MQTT 5 section 3.2.2.2, MQTT 3.1.1 section 3.2.2.3). */
export function toConnackFailure(facts: FailureFacts, reasonCode: number): ViadutoError {
  const { broker, clientId, version } = facts;
  const reason = toReasonWords(reasonCode);
  switch (reasonCode) {
    case 0x01:
    case 0x84:
      return new ViadutoError("version_refused", { broker, version: VERSION_NAMES[version] });
    case 0x02:
    case 0x85:
      return new ViadutoError("client_id_refused", { broker, clientId });
    case 0x04:
    case 0x05:
    case 0x86:
    case 0x87:
    case 0x8a:
    case 0x8c:
      return new ViadutoError("login_refused", { broker, reason });
    case 0x9a:
    case 0x9b:
      // Of what CONNECT holds, only the will has a retain flag and a QoS.
      return new ViadutoError("will_refused", { broker, reason });
    default:
      return new ViadutoError("broker_disconnected", { broker, reason });
  }
}

/** A DISCONNECT that the broker sent (MQTT 5 section 3.14.2.1). */
export function toDisconnectFailure(
  facts: FailureFacts,
  reasonCode: number,
  reasonString?: string,
): ViadutoError {
  const { broker, clientId } = facts;
  if (reasonCode === SESSION_TAKEN_OVER)
    return new ViadutoError("session_taken_over", { clientId });
  const words = toReasonWords(reasonCode);
  const reason = reasonString ? `${words} (${reasonString})` : words;
  return new ViadutoError("broker_disconnected", { broker, reason, reasonCode });
}

/** Whatever the socket, TLS or mqtt.js threw; `isReached` when the socket was accepted before. */
export function toConnectionFailure(
  facts: FailureFacts,
  cause: Error,
  isReached: boolean,
): ViadutoError {
  const { broker } = facts;
  const code = "code" in cause ? String(cause.code) : "";
  const reason = toReason(cause);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new ViadutoError("broker_unresolvable", { host: toHost(broker) }, { cause });
  }
  if (code === "ECONNREFUSED") return new ViadutoError("broker_refused", { broker }, { cause });
  if (/CERT|TLS|SSL|VERIFY|SIGNATURE/.test(code)) {
    return new ViadutoError("tls_failed", { broker, reason }, { cause });
  }
  if (/connack timeout/.test(reason)) {
    if (isReached) return new ViadutoError("broker_silent", { broker });
    return new ViadutoError("broker_unreachable", { broker, reason: "nobody answers there" });
  }
  if (/Keepalive timeout/.test(reason)) {
    return new ViadutoError("broker_unreachable", { broker, reason: "it no longer answers pings" });
  }
  if (code === "ECONNRESET" || code === "EPIPE")
    return new ViadutoError("broker_hung_up", { broker });
  // The parser's errors carry no code: what came was not MQTT.
  if (code === "") return new ViadutoError("broker_garbled", { broker, reason }, { cause });
  return new ViadutoError("broker_unreachable", { broker, reason }, { cause });
}

/** The words of a reason code, with its number: `Quota exceeded (0x97)`. */
export function toReasonWords(reasonCode: number): string {
  const words = (ReasonCodes as Record<number, string>)[reasonCode] || "reason";
  return `${words} (0x${reasonCode.toString(16).padStart(2, "0")})`;
}

function toHost(label: string): string {
  return URL.canParse(label) ? new URL(label).hostname : label;
}
