// What the HTTP routes are given of a bridge. Creates nothing.

import type { Settings } from "../config/read.ts";
import type { RouteParts } from "../http/routes.ts";
import { createStreams } from "../http/streams.ts";
import type { Logger } from "../lib/log.ts";
import type { Bridge } from "./bridge.ts";
import { toReaderState } from "./watching.ts";

/** What the routes need of a bridge. */
export function toRouteParts(bridge: Bridge, settings: Settings, log: Logger): RouteParts {
  const { link, publish, dispatcher, observing, deadLetters, failures, broker } = bridge;
  const { watch, hold } = bridge.watching;
  const timeoutMs = settings.publishTimeoutMs;
  return {
    publish(message, token) {
      const sent = publish(message, { token, timeoutMs });
      dispatcher.notePublish(message, sent);
      return sent;
    },
    values: observing.values,
    observation: observing.observation,
    hold,
    streams: createStreams({
      watch,
      hold,
      getState: () => toReaderState(link.state),
      limits: settings,
    }),
    resumeMessagesMax: settings.streamResumeMessagesMax,
    getState: () => link.state,
    getHandlers: () => ({ workers: dispatcher.workers, failures: failures() }),
    deadLetters,
    redrive: (id) => dispatcher.redrive(id),
    clients: broker,
    log: log.named("HTTP"),
  };
}
