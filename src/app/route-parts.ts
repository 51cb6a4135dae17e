// What the HTTP routes are given of a bridge. Creates nothing.

import type { Settings } from "../config/read.ts";
import type { RouteParts } from "../http/routes.ts";
import type { Logger } from "../lib/log.ts";
import type { Bridge } from "./bridge.ts";
import { describeTopics } from "./describing.ts";

const NOTHING_HELD: Disposable = { [Symbol.dispose]() {} };

/** What the routes need of a bridge. */
export function toRouteParts(bridge: Bridge, settings: Settings, log: Logger): RouteParts {
  const { link, publish, dispatcher, observing, deadLetters, failures, broker } = bridge;
  const timeoutMs = settings.publishTimeoutMs;
  return {
    publish(message, token) {
      const sent = publish(message, { token, timeoutMs });
      dispatcher.notePublish(message, sent);
      return sent;
    },
    values: observing.values,
    observation: observing.observation,
    // The embedded broker shows every message; at an external one somebody must subscribe.
    hold: async (filter) => (broker ? NOTHING_HELD : link.subscribePlain(filter, 1)),
    getState: () => link.state,
    getHandlers: () => ({ workers: dispatcher.workers, failures: failures() }),
    deadLetters,
    redrive: (id) => dispatcher.redrive(id),
    clients: broker,
    documents: {
      title: settings.documentTitle,
      hasToken: settings.httpToken !== undefined || bridge.lanLogin !== undefined,
      buildAsyncApi: (host) => describeTopics(settings, bridge.content(), host, bridge.listening),
    },
    log: log.named("HTTP"),
  };
}
