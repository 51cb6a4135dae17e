// $SYS/broker/…: the broker's figures in Mosquitto's names (mosquitto(8), "Broker status"), so that
// existing dashboards work. Retained, kept in memory alone, and written by no client.

import { VERSION } from "../lib/version.ts";
import { type FiguresSource, readBrokerFigures } from "./broker-figures.ts";
import type { Connection } from "./client-connection.ts";
import { createLoad, type Load } from "./load-averages.ts";
import { Publication } from "./publication.ts";
import type { Statistics } from "./statistics.ts";

/** Whether a topic is the broker's own: no client publishes there, and no disk keeps it. */
export function isSysTopic(topic: string): boolean {
  return topic === "$SYS" || topic.startsWith("$SYS/");
}

/** The counters that have averages, and what Mosquitto calls those. */
const LOADS = {
  messagesReceived: "messages/received",
  messagesSent: "messages/sent",
  publishesReceived: "publish/received",
  publishesSent: "publish/sent",
  droppedCount: "publish/dropped",
  bytesReceived: "bytes/received",
  bytesSent: "bytes/sent",
  socketCount: "sockets",
  connectionCount: "connections",
} as const satisfies Partial<Record<keyof Statistics, string>>;

/** Publishes at once, and every so many seconds; with 0 never. */
export function publishSysTopics(
  figures: FiguresSource,
  connections: ReadonlySet<Connection>,
  intervalSeconds: number,
): AsyncDisposable {
  if (intervalSeconds === 0) return { async [Symbol.asyncDispose]() {} };
  const startedAtMs = performance.now();
  const loads = createLoads(figures.statistics);
  const told = new Map<string, string>();
  let heapBytesMax = 0;
  const tell = () => {
    const uptimeSeconds = Math.round((performance.now() - startedAtMs) / 1000);
    for (const load of loads) load.update(performance.now());
    const heapBytes = process.memoryUsage.rss();
    heapBytesMax = Math.max(heapBytesMax, heapBytes);
    const topics = [
      ["uptime", `${uptimeSeconds} seconds`],
      ["heap/current", String(heapBytes)],
      ["heap/maximum", String(heapBytesMax)],
      ...describe(figures, connections),
      ...describeLoads(loads),
    ] as const;
    for (const [topic, value] of topics) {
      // As with Mosquitto: what has not changed is not said again.
      if (told.get(topic) === value) continue;
      told.set(topic, value);
      const payload = Buffer.from(value);
      figures.router.publish(
        new Publication({ topic: `$SYS/broker/${topic}`, payload, qos: 0, retain: true }),
      );
    }
  };
  tell();
  const timer = setInterval(tell, intervalSeconds * 1000);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
    },
  };
}

function describe(source: FiguresSource, connections: ReadonlySet<Connection>): [string, string][] {
  const now = readBrokerFigures(source, connections);
  const { statistics, connectedClients, awayClients, queuedMessages, retainedMessages } = now;
  const stored = queuedMessages + retainedMessages;
  const figures: Readonly<Record<string, number>> = {
    "clients/total": connectedClients + awayClients,
    "clients/connected": connectedClients,
    "clients/active": connectedClients,
    "clients/disconnected": awayClients,
    "clients/inactive": awayClients,
    "clients/expired": statistics.expiredCount,
    "clients/maximum": statistics.clientsMax,
    "connections/socket/count": now.sockets,
    "messages/received": statistics.messagesReceived,
    "messages/sent": statistics.messagesSent,
    "messages/inflight": now.inflightMessages,
    "messages/stored": stored,
    "store/messages/count": stored,
    "store/messages/bytes": now.queuedBytes + now.retainedBytes,
    "retained messages/count": retainedMessages,
    "subscriptions/count": now.subscriptions,
    "shared_subscriptions/count": now.sharedSubscriptions,
    "publish/messages/received": statistics.publishesReceived,
    "publish/messages/sent": statistics.publishesSent,
    "publish/messages/dropped": statistics.droppedCount,
    "publish/bytes/received": statistics.payloadBytesReceived,
    "publish/bytes/sent": statistics.payloadBytesSent,
    "bytes/received": statistics.bytesReceived,
    "bytes/sent": statistics.bytesSent,
  };
  const texts = Object.entries(figures).map(([topic, value]): [string, string] => {
    return [topic, String(value)];
  });
  return [["version", `viaduto version ${VERSION}`], ...texts];
}

function createLoads(statistics: Statistics): Load[] {
  return Object.entries(LOADS).map(([counter, name]) => {
    return createLoad(name, () => statistics[counter as keyof typeof LOADS], performance.now());
  });
}

function describeLoads(loads: readonly Load[]): [string, string][] {
  return loads.flatMap(({ name, averages }) => {
    return averages().map(({ minutes, value }): [string, string] => {
      return [`load/${name}/${minutes}min`, value.toFixed(2)];
    });
  });
}
