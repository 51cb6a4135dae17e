// Who can reach the bridge, and what they must know to come in, in the words of the banner. Decides
// nothing: config/reach.ts does.

import type { LanLogin } from "../app/lan-login.ts";
import type { App } from "../app.ts";
import { toUrlHost } from "../config/broker-address.ts";
import { isLoopback } from "../config/loopback.ts";
import { isAnonymousAllowed, isTokenAsked } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import { listAddresses } from "../lib/addresses.ts";

/** What `--lan` has made and is in force; a login of one's own goes before it. */
export type RoomLogin = Partial<LanLogin>;

export function findRoomLogin(settings: Settings, { lanLogin }: App): RoomLogin | undefined {
  if (!lanLogin) return undefined;
  const { username, password, httpToken, isNew } = lanLogin;
  const isForMqtt = settings.passwordFile === undefined && settings.brokers.length === 0;
  const isForHttp = settings.httpToken === undefined;
  return {
    isNew,
    ...(isForMqtt && { username, password }),
    ...(isForHttp && { httpToken }),
  };
}

/** The page that lets a browser in; undefined without a token of the room. */
export function toPageUrl(settings: Settings, app: App): string | undefined {
  const token = findRoomLogin(settings, app)?.httpToken;
  if (token === undefined) return undefined;
  const [address] = listAddresses(settings.host);
  return `http://${toUrlHost(address)}:${app.httpPort}/?token=${encodeURIComponent(token)}`;
}

/** By the address, not by --allow-anonymous, which changes nothing on loopback. */
export function describeReach(settings: Settings): string {
  const { host, brokers } = settings;
  if (isLoopback(host)) return "this machine only";
  const http = isTokenAsked(settings) ? "HTTP with the token" : "HTTP without a token";
  const doors = [...(brokers.length > 0 ? [] : [describeMqtt(settings)]), http];
  return `everyone who reaches ${host}: ${doors.join(", ")}`;
}

function describeMqtt(settings: Settings): string {
  if (isAnonymousAllowed(settings)) return "MQTT without a login";
  const isByCertificate = settings.passwordFile === undefined && !settings.lan;
  return isByCertificate ? "MQTT with a client certificate" : "MQTT with a login";
}
