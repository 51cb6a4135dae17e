// The link's figures as metrics: the bridge as a client of its broker. Called by metrics.ts.

import {
  counter,
  gauge,
  histogram,
  type MetricFamily,
  toEntrySamples,
} from "../lib/metric-family.ts";
import type { Link } from "../link/link.ts";
import type { LinkFigures } from "../link/link-figures.ts";
import type { LinkState } from "../link/state.ts";

const STATES = [
  "connecting",
  "connected",
  "waiting",
  "closed",
] as const satisfies readonly LinkState["kind"][];

export function describeLink({ state, figures }: Pick<Link, "state" | "figures">): MetricFamily[] {
  const states = STATES.map((kind) => [kind, kind === state.kind ? 1 : 0] as const);
  const { connections, received, requestsWaiting } = figures;
  return [
    gauge("viaduto_link_state", "1 for the state it is in.", toEntrySamples("state", states)),
    gauge(
      "viaduto_link_refused_filters",
      "Subscriptions that the broker refused.",
      state.kind === "connected" ? state.refusedFilters.length : 0,
    ),
    counter(
      "viaduto_link_reconnects",
      "Connections after the first.",
      Math.max(0, connections - 1),
    ),
    counter("viaduto_link_received_messages", "Messages that came from the broker.", received),
    ...describePublishing(figures),
    gauge("viaduto_requests_waiting", "Requests that wait for their reply.", requestsWaiting),
  ];
}

function describePublishing(figures: LinkFigures): MetricFamily[] {
  const { publishing } = figures;
  return [
    counter(
      "viaduto_link_published_messages",
      "Messages that were to be published.",
      publishing.published,
    ),
    counter(
      "viaduto_link_acknowledged_messages",
      "Messages that the broker has acknowledged; of QoS 0, that were sent.",
      publishing.acknowledged,
    ),
    counter(
      "viaduto_link_publish_failures",
      "Messages that were not published, by the code of the error.",
      toEntrySamples("code", publishing.failedByCode),
    ),
    histogram(
      "viaduto_link_round_trip_seconds",
      "From PUBLISH to its acknowledgement, of one message at a time.",
      [{ histogram: publishing.roundTrips }],
    ),
    gauge(
      "viaduto_link_outbox_messages",
      "Messages that the broker has not acknowledged.",
      figures.outboxMessages,
    ),
    gauge(
      "viaduto_link_outbox_bytes",
      "Payload bytes of messages that are not sent.",
      figures.outboxBytes,
    ),
    gauge(
      "viaduto_link_inbox_messages",
      "Messages that came and are not dealt with.",
      figures.inboxMessages,
    ),
  ];
}
