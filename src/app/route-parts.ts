// What the HTTP routes are given of a bridge. Creates nothing.

import { isTokenAsked } from "../config/reach.ts";
import type { Settings } from "../config/read.ts";
import type { HandlersReport } from "../http/handlers-route.ts";
import { HttpFigures } from "../http/http-figures.ts";
import type { RouteParts } from "../http/routes.ts";
import { createStreams } from "../http/streams.ts";
import type { Logger } from "../lib/log.ts";
import { createWaiters } from "../store/waiters.ts";
import type { Bridge } from "./bridge.ts";
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
    ...createSending(bridge, settings),
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
    flows: observing.flows,
    getHandlers: () => readHandlers(bridge, settings),
    getStoreProblem: bridge.storeProblem,
    deadLetters: bridge.deadLetters,
    redrive: (id) => dispatcher.redrive(id),
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

// What is sent is told to the flows.
function createSending(
  { publish, request, dispatcher }: Bridge,
  { publishTimeoutMs: timeoutMs }: Settings,
): Pick<RouteParts, "publish" | "request"> {
  return {
    publish(message, token, sender) {
      const sent = publish(message, { token, timeoutMs });
      dispatcher.notePublish(message, sent, sender && { sender, isCall: false });
      return sent;
    },
    request(message, options, sender) {
      const asked = request(message, options);
      dispatcher.notePublish(message, asked, sender && { sender, isCall: true });
      return asked;
    },
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
