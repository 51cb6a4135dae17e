// The broker's facts, for GET /broker: read where they are kept, whenever someone asks. Called by
// route-parts.ts.

import type { Listening } from "../broker/broker.ts";
import { WEB_SOCKET_PATH } from "../broker/listen-websocket.ts";
import type { RetainedView } from "../broker/retained-view.ts";
import { toUrlHost } from "../config/broker-address.ts";
import type { Settings } from "../config/read.ts";
import type { BrokerFacts, EmbeddedFacts } from "../http/broker-json.ts";
import type { Bridge } from "./bridge.ts";

const SECONDS_PER_MINUTE = 60;
const MS_PER_SECOND = 1_000;
/** The mean of the last minute, per minute: as Mosquitto names it. */
const LOADS = "$SYS/broker/load/publish";

/** The uptime counts from now on. */
export function createBrokerReading(
  { broker, link, listening }: Pick<Bridge, "broker" | "link" | "listening">,
  settings: Settings,
): () => BrokerFacts {
  const startedAtMs = performance.now();
  const external = { kind: "external", broker: settings.brokers[0]?.label ?? "" } as const;
  return () => {
    if (!broker) return { ...link.facts, ...external };
    return {
      kind: "embedded",
      uptimeSeconds: Math.floor((performance.now() - startedAtMs) / MS_PER_SECOND),
      listeners: listening ? describeListeners(listening, settings.host) : [],
      figures: broker.figures(),
      limits: settings,
      perSecond: readLoads(broker.retained),
    };
  };
}

function describeListeners(listening: Listening, host: string): EmbeddedFacts["listeners"] {
  const at = toUrlHost(host);
  const doors = [
    ["tcp", `mqtt://${at}`, listening.mqttPort, ""],
    ["websocket", `ws://${at}`, listening.wsPort, WEB_SOCKET_PATH],
    ["tls", `mqtts://${at}`, listening.tlsPort, ""],
    ["wss", `wss://${at}`, listening.wssPort, WEB_SOCKET_PATH],
  ] as const;
  return doors.flatMap(([door, start, port, path]) => {
    return port === undefined ? [] : [{ door, address: `${start}:${port}${path}` }];
  });
}

function readLoads(retained: RetainedView): EmbeddedFacts["perSecond"] {
  const [messagesIn, messagesOut] = ["received", "sent"].map((name) => {
    const value = retained.get(`${LOADS}/${name}/1min`);
    return value && Number(value.payload) / SECONDS_PER_MINUTE;
  });
  if (messagesIn === undefined || messagesOut === undefined) return undefined;
  return { messagesIn, messagesOut };
}
