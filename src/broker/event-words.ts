// The words of the broker's log: who it was, and what to change when a limit or a right of ours was
// the reason. Used by event-log.ts. Text only.

import { quote } from "../lib/quotation.ts";
import type { Connection } from "./client-connection.ts";

export function describe({ id }: Connection): string {
  return id ? `client ${quote(id)}` : "a connection";
}

export function toVersionName(version: number): string {
  return { 3: "3.1", 4: "3.1.1", 5: "5" }[version] ?? String(version);
}

/** What a reason begins with, and the options behind it. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^packet too large/, "--payload-bytes-max; a CONNECT has 128 KiB at most"],
  [/^WebSocket frame too large/, "--payload-bytes-max; less before CONNECT is answered"],
  [/^packet refused: more than \d+ levels/, "--topic-levels-max"],
  [/^packet refused: more than \d+ bytes/, "--topic-bytes-max"],
  [/^packet refused: topic alias \d+/, "--topic-aliases-max"],
  [/^topic alias \d+/, "--topic-aliases-max"],
  [/^too many messages at once/, "--receive-max"],
  [/^its queue is full/, "--queue-messages-max, --queue-bytes-max; --queue-full drop keeps it"],
  [/^identifier rejected/, "MQTT 3.1 takes 1 to 23 characters"],
  [/^connect did not arrive in time/, "--connect-timeout"],
  [/^it has no user name/, "--allow-anonymous lets it in"],
  [/^there is no password file/, "--password-file, or --allow-anonymous"],
  [/^there is no user '/, "viaduto passwd adds one to --password-file"],
  [/^'.*' has another password/s, "viaduto passwd changes it in --password-file"],
  [/^it has no password/, "--password-file asks for one"],
  [/^not authorized: it may not publish its will/, "--acl-file"],
];

/** The reason, with what to change where an option is behind it. */
export function addRemedy(reason: string): string {
  const [, remedy] = REMEDIES.find(([pattern]) => pattern.test(reason)) ?? [];
  return remedy === undefined ? reason : `${reason} (${remedy})`;
}

/** The same for all clients: without their names. */
export function toCause(reason: string): string {
  return reason.replaceAll(/'.*'/gs, "'…'").replaceAll(/ \(\d+ more characters\)/g, "");
}

/** Ends that no one has decided: the client, or the network, is gone. */
export function isVanishing(reason: string): boolean {
  return /\b(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b|^keep alive timeout/.test(
    reason,
  );
}
