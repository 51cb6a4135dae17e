// Why a listener could not open, in the catalogue's words. Used by the broker's listeners and HTTP.

import { toReason, ViadutoError } from "./errors.ts";

type ListenFacts = {
  /** Who wanted to listen, for people: "the MQTT broker". */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  /** The ways out when the port is taken. */
  readonly remedy: string;
};

/** `port_taken` when someone else listens there, else `address_unavailable` with the reason. */
export function toListenError(cause: unknown, facts: ListenFacts): ViadutoError {
  if (cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE") {
    return new ViadutoError("port_taken", facts, { cause });
  }
  return new ViadutoError("address_unavailable", { ...facts, reason: toReason(cause) }, { cause });
}
