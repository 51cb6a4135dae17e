// The embedded broker's figures as metrics. Called by metrics.ts.

import type { BrokerFigures } from "../broker/broker-figures.ts";
import { counter, gauge, type MetricFamily, toEntrySamples } from "../lib/metric-family.ts";

export function describeBroker(figures: BrokerFigures): MetricFamily[] {
  return [...describeClients(figures), ...describeTraffic(figures), ...describeKept(figures)];
}

function describeClients(figures: BrokerFigures): MetricFamily[] {
  const { statistics } = figures;
  return [
    gauge("viaduto_broker_sockets", "Open connections from outside.", figures.sockets),
    gauge(
      "viaduto_broker_clients",
      "Sessions, by whether their client is connected; one is the bridge's own.",
      [
        { labels: { state: "connected" }, value: figures.connectedClients },
        { labels: { state: "away" }, value: figures.awayClients },
      ],
    ),
    counter("viaduto_broker_connections", "Accepted CONNECTs.", statistics.connectionCount),
    counter(
      "viaduto_broker_refused",
      "Connections, logins and packets that were refused.",
      statistics.refusedCount,
    ),
    counter(
      "viaduto_broker_refused_logins",
      "Logins that were refused; they are among the refused.",
      statistics.refusedLoginCount,
    ),
    counter(
      "viaduto_broker_expired_sessions",
      "Sessions that ended because their time was up.",
      statistics.expiredCount,
    ),
  ];
}

function describeTraffic({ statistics }: BrokerFigures): MetricFamily[] {
  const byDirection = (received: number, sent: number) => [
    { labels: { direction: "in" }, value: received },
    { labels: { direction: "out" }, value: sent },
  ];
  return [
    counter(
      "viaduto_broker_packets",
      "MQTT packets of clients.",
      byDirection(statistics.messagesReceived, statistics.messagesSent),
    ),
    counter(
      "viaduto_broker_traffic_bytes",
      "Bytes of MQTT.",
      byDirection(statistics.bytesReceived, statistics.bytesSent),
    ),
    counter(
      "viaduto_broker_messages",
      "Published messages: in from senders, out to each subscriber.",
      byDirection(statistics.publishesReceived, statistics.publishesSent),
    ),
    counter(
      "viaduto_broker_payload_bytes",
      "Payload bytes of published messages.",
      byDirection(statistics.payloadBytesReceived, statistics.payloadBytesSent),
    ),
    counter(
      "viaduto_broker_dropped_messages",
      "Messages that someone did not get, by cause.",
      toEntrySamples("cause", Object.entries(statistics.droppedByCause)),
    ),
  ];
}

function describeKept(figures: BrokerFigures): MetricFamily[] {
  return [
    gauge("viaduto_broker_subscriptions", "Subscriptions.", figures.subscriptions),
    gauge(
      "viaduto_broker_shared_subscriptions",
      "Those of them that are shared.",
      figures.sharedSubscriptions,
    ),
    gauge("viaduto_broker_retained_messages", "Retained messages.", figures.retainedMessages),
    gauge("viaduto_broker_retained_bytes", "Bytes of retained messages.", figures.retainedBytes),
    gauge(
      "viaduto_broker_queued_messages",
      "Messages of QoS 1 and 2 that clients have not acknowledged.",
      figures.queuedMessages,
    ),
    gauge("viaduto_broker_queued_bytes", "Bytes of those.", figures.queuedBytes),
    gauge(
      "viaduto_broker_inflight_messages",
      "Those of them that are sent.",
      figures.inflightMessages,
    ),
  ];
}
