// What the bridge keeps of the messages that pass. Opened by bridge.ts, before anything can pass.

import type { Settings } from "../config/read.ts";
import { createLastValues, type LastValues } from "../store/last-values.ts";
import { createObservation, type Observation } from "../store/observation.ts";

export type Observing = AsyncDisposable & {
  /** Every message that passes. */
  readonly observation: Observation;
  readonly values: LastValues;
};

export function openObserving(settings: Settings): Observing {
  const observation = createObservation();
  const values = createLastValues(settings.topicsMax);
  observation.add(values.put);
  return { observation, values, async [Symbol.asyncDispose]() {} };
}
