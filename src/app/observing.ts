// What the bridge keeps of the messages that pass. Opened by bridge.ts, before anything can pass.

import type { Settings } from "../config/read.ts";
import { toReason } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { Flows } from "../store/flows.ts";
import { type History, openHistory } from "../store/history.ts";
import { createLastValues, type LastValues } from "../store/last-values.ts";
import { createObservation, type Observation } from "../store/observation.ts";

export type Observing = AsyncDisposable & {
  /** Every message that passes. */
  readonly observation: Observation;
  readonly values: LastValues;
  /** Undefined with `--history off`. */
  readonly history: History | undefined;
  /** Of messages that handlers get; undefined when none are told. */
  readonly flows: Flows | undefined;
};

const HOUR_MS = 3_600_000;

export function openObserving(settings: Settings, log: Logger): Observing {
  const observation = createObservation();
  const values = createLastValues({
    topicsMax: settings.topicsMax,
    bytesMax: settings.topicsBytesMax,
  });
  observation.add(values.put);
  const history = settings.history === "on" ? openRecording(settings, log) : undefined;
  if (history) observation.add(history.record);
  return {
    observation,
    values,
    history,
    flows: createFlows(settings),
    [Symbol.asyncDispose]: async () => history?.[Symbol.asyncDispose](),
  };
}

function createFlows(settings: Settings): Flows | undefined {
  if (settings.flowsMax === 0) return undefined;
  if (settings.brokers.length > 0) return new Flows(settings, { kind: "broker" });
  return new Flows(settings, { kind: "client", clientId: undefined });
}

/** Reads the last values of an earlier run, once the bridge answers: nobody waits for them. */
export function restoreValuesLater(
  { history, values }: Observing,
  { topicsMax }: Settings,
  log: Logger,
): void {
  if (!history?.hasPast) return;
  setImmediate(async () => {
    try {
      await history.eachNewest(topicsMax, values.restore);
    } catch (error) {
      log.debug(`last values are not restored: ${toReason(error)}`); // The bridge does without.
    }
  });
}

function openRecording(settings: Settings, log: Logger): History {
  return openHistory({
    folder: settings.data,
    bytesMax: settings.historyBytesMax,
    ageMsMax: settings.historyHoursMax * HOUR_MS,
    perTopicMax: settings.historyPerTopicMax,
    payloadBytesMax: settings.historyPayloadBytesMax,
    perSecondMax: settings.historyPerSecondMax,
    log: log.named("History"),
  });
}
