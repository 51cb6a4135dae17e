// What the AsyncAPI document needs to know of a bridge: where its broker is, and how it is
// connected there. Used by route-parts.ts, and by `viaduto docs`, which starts no bridge.

import type { Listening } from "../broker/broker.ts";
import { WEB_SOCKET_PATH } from "../broker/listen-websocket.ts";
import { type BrokerAddress, toUrlHost } from "../config/broker-address.ts";
import { isAnonymousAllowed } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import {
  type AsyncApiClient,
  type AsyncApiServer,
  buildAsyncApi,
} from "../handlers/asyncapi-document.ts";
import { KEEPALIVE_SECONDS } from "../link/connections.ts";
import { addOrigin } from "../link/origin.ts";
import { toStatusTopic } from "../link/own-topics.ts";
import type { HandlerSet } from "../topics/handler.ts";
import { isSessionKept, SESSION_EXPIRY_SECONDS } from "./link-settings.ts";

type Ports = Pick<Listening, "mqttPort" | "wsPort" | "tlsPort" | "wssPort">;

const SECURE = { mqtt: "mqtt", mqtts: "secure-mqtt", ws: "ws", wss: "wss" } as const;

/**
 * The AsyncAPI document. `host` is by which name the reader reaches this machine; `ports` are those
 * on which the embedded broker listens, when it does.
 */
export function describeTopics(
  settings: Settings,
  content: HandlerSet,
  host: string,
  ports: Ports | undefined,
) {
  const { brokers, origin, documentTitle: title } = settings;
  const servers =
    brokers.length > 0
      ? brokers.map((address, at) => toExternal(address, at, settings))
      : listEmbedded(settings, host, ports ?? toPlannedPorts(settings));
  return buildAsyncApi(content, { title, origin, servers, client: toClient(settings) });
}

function toClient(settings: Settings): AsyncApiClient {
  const { clientId, origin, will } = settings;
  const isKept = isSessionKept(settings);
  return {
    clientId,
    isSessionKept: isKept,
    sessionExpirySeconds: isKept ? SESSION_EXPIRY_SECONDS : 0,
    keepaliveSeconds: KEEPALIVE_SECONDS,
    statusTopic: will === "on" ? addOrigin(origin, toStatusTopic(clientId)) : undefined,
  };
}

// Without its login and query, which may hold secrets.
function toExternal(address: BrokerAddress, at: number, settings: Settings): AsyncApiServer {
  const { protocol, host, port, path, username } = address;
  const pathname = path.replace(/\?.*/s, "");
  const hasLogin = (username ?? settings.username) !== undefined;
  const hasCertificate = settings.cert !== undefined;
  return {
    name: at === 0 ? "broker" : `broker-${at + 1}`,
    host: `${toUrlHost(host)}:${port}`,
    protocol: SECURE[protocol],
    ...(pathname !== "" && { pathname }),
    description: at === 0 ? "the broker" : "the broker, when those before cannot be reached",
    security: [
      ...(hasLogin ? (["login"] as const) : []),
      ...(hasCertificate ? (["certificate"] as const) : []),
    ],
  };
}

function listEmbedded(settings: Settings, host: string, ports: Ports): AsyncApiServer[] {
  const security = isAnonymousAllowed(settings) ? [] : (["login"] as const);
  const secure = settings.tlsCa === undefined ? security : (["certificate"] as const);
  const rows = [
    ["tcp", "mqtt", ports.mqttPort, "the embedded broker", security],
    ["websocket", "ws", ports.wsPort, "the same over WebSocket", security],
    ["tls", "secure-mqtt", ports.tlsPort, "the same over TLS", secure],
    ["websocket-tls", "wss", ports.wssPort, "the same over WebSocket and TLS", secure],
  ] as const;
  return rows.flatMap(([name, protocol, port, description, security]) => {
    if (port === undefined) return [];
    const pathname = protocol === "ws" || protocol === "wss" ? { pathname: WEB_SOCKET_PATH } : {};
    return [{ name, host: `${host}:${port}`, protocol, ...pathname, description, security }];
  });
}

// As they are asked for, where nothing listens.
function toPlannedPorts({ mqttPort, wsPort, tlsPort, wssPort }: Settings): Ports {
  const toPort = (port: number | "off") => (port === "off" ? undefined : port);
  return {
    mqttPort,
    wsPort: toPort(wsPort),
    tlsPort: toPort(tlsPort),
    wssPort: toPort(wssPort),
  };
}
