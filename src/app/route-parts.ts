// What the HTTP routes are given of a bridge. Creates nothing.

import { isLoopback } from "../config/loopback.ts";
import { isTokenAsked } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import type { HandlersReport } from "../http/handlers-route.ts";
import type { Reach } from "../http/health-route.ts";
import { HttpFigures } from "../http/http-figures.ts";
import type { RouteParts } from "../http/routes.ts";
import { createStreams } from "../http/streams.ts";
import { listAddresses } from "../lib/addresses.ts";
import type { Logger } from "../lib/log.ts";
import { createWaiters } from "../store/waiters.ts";
import type { Bridge } from "./bridge.ts";
import { createBrokerReading } from "./broker-reading.ts";
import { describeTopics } from "./describing.ts";
import { describeMetrics } from "./metrics.ts";
import { createRetainedSource } from "./retained-reading.ts";
import { toReaderState } from "./watching.ts";

/** What the routes need of a bridge. */
export function toRouteParts(bridge: Bridge, settings: Settings, log: Logger): RouteParts {
  const { link, dispatcher, observing, broker } = bridge;
  const { watch, hold } = bridge.watching;
  const httpFigures = new HttpFigures();
  const waiters = createWaiters(observing.observation, settings.waitersMax);
  return {
    ...toSenders(bridge, settings.publishTimeoutMs),
    idempotency: bridge.idempotency,
    callLimits: settings,
    values: observing.values,
    history: observing.history,
    waiters,
    stopping: bridge.stopping,
    hold,
    retained: createRetainedSource(bridge, settings),
    retainedLimits: settings,
    streams: createStreams({
      watch,
      hold,
      getState: () => toReaderState(link.state),
      limits: settings,
    }),
    resumeMessagesMax: settings.streamResumeMessagesMax,
    getState: () => link.state,
    getReach: () => toReach(bridge, settings),
    flows: observing.flows,
    getHandlers: () => readHandlers(bridge, settings),
    getStoreProblem: bridge.storeProblem,
    deadLetters: bridge.deadLetters,
    redrive: (id) => dispatcher.redrive(id),
    getBroker: createBrokerReading(bridge, settings),
    clients: broker,
    jsonDepthMax: settings.jsonDepthMax,
    httpFigures,
    getMetrics: () => describeMetrics(bridge, { figures: httpFigures, waiters }),
    tracer: bridge.tracer,
    documents: {
      title: settings.documentTitle,
      hasToken: isTokenAsked(settings),
      buildAsyncApi: (host) => describeTopics(settings, bridge.content(), host, bridge.listening),
    },
    log: log.named("HTTP"),
  };
}

// What HTTP callers send; the dispatcher is told, since a handler of ours may get it.
function toSenders(
  { publish, request, dispatcher }: Bridge,
  timeoutMs: number,
): Pick<RouteParts, "publish" | "request"> {
  return {
    publish(message, token, toSender) {
      const sent = publish(message, { token, timeoutMs });
      dispatcher.notePublish(message, sent, toSender && { toSender, isCall: false });
      return sent;
    },
    request(message, options, toSender) {
      const asked = request(message, options);
      dispatcher.notePublish(message, asked, toSender && { toSender, isCall: true });
      return asked;
    },
  };
}

// Each time anew: a laptop changes its network.
function toReach({ listening }: Bridge, settings: Settings): Reach {
  return {
    addresses: listAddresses(settings.host).filter((address) => !isLoopback(address)),
    ...(listening?.mqttPort !== undefined && { mqtt_port: listening.mqttPort }),
    token_asked: isTokenAsked(settings),
  };
}

function readHandlers(bridge: Bridge, { handlers: folder }: Settings): HandlersReport {
  const { dispatcher, observing } = bridge;
  return {
    workers: dispatcher.workers,
    failures: bridge.failures(),
    folder,
    hasFlow: (id) => observing.flows?.get(id) !== undefined,
  };
}
