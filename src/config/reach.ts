// Who may come in without a login, and whether the bridge may listen where others reach it. Asked
// before anything listens; what logins and tokens are worth is decided elsewhere.

import { ViadutoError } from "../lib/errors.ts";
import { isLoopback } from "./loopback.ts";
import type { Settings } from "./read.ts";

/** True when the embedded broker lets clients in that give no user name. */
export function isAnonymousAllowed(settings: Settings): boolean {
  if (settings.allowAnonymous) return true;
  return isLoopback(settings.host) && settings.passwordFile === undefined && !settings.lan;
}

/**
 * Throws `listen_public_refused` when others could reach the embedded broker, or HTTP where it is
 * served, without a login or a token.
 */
export function refusePublic(settings: Settings, servesHttp: boolean): void {
  const { host, lan, allowAnonymous, brokers } = settings;
  if (isLoopback(host) || lan || allowAnonymous) return;
  const hasLogins = settings.passwordFile !== undefined || settings.tlsCa !== undefined;
  const isMqttOpen = brokers.length === 0 && !hasLogins;
  const isHttpOpen = servesHttp && !isTokenAsked(settings);
  if (!isMqttOpen && !isHttpOpen) return;
  const missing = [
    ...(isMqttOpen ? ["a login for MQTT"] : []),
    ...(isHttpOpen ? ["a token for HTTP"] : []),
  ];
  const remedies = [
    ...(isMqttOpen ? ["for MQTT add --password-file (or --tls-ca, for certificates)"] : []),
    ...(isHttpOpen ? ["for HTTP add --http-token (or --http-tokens-file)"] : []),
  ];
  throw new ViadutoError("listen_public_refused", {
    host,
    missing: missing.join(" and "),
    remedy: remedies.join(", "),
  });
}

/** Whether HTTP asks for a token: one that is given, or the one that `--lan` makes. */
export function isTokenAsked({ httpToken, httpTokensFile, lan }: Settings): boolean {
  return lan || httpToken !== undefined || httpTokensFile !== undefined;
}
