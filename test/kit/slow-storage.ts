// The embedded broker over a disk that takes its time: it says that all is stored when the test
// says so.

import { openBrokerStore } from "../../src/store/broker-store.ts";
import { type BrokerTestOptions, SILENT } from "./broker-settings.ts";
import { type EmbeddedBroker, startEmbedded } from "./embedded-broker.ts";

export type SlowBroker = EmbeddedBroker & {
  /** All that was to be stored is, and all that comes is at once. */
  release(): void;
};

export async function startSlowStorage(options: BrokerTestOptions = {}): Promise<SlowBroker> {
  const waiting: (() => void)[] = [];
  const store = openBrokerStore({ folder: ":memory:", durability: "off", log: SILENT });
  let isReleased = false;
  const whenStored = (done: () => void) => {
    if (isReleased) done();
    else waiting.push(done);
  };
  let changeCount = 0;
  const slow = {
    ...store,
    isKept: true,
    // Whatever comes has changed something.
    get changeCount() {
      changeCount += 1;
      return changeCount;
    },
    whenStored,
  };
  const broker = await startEmbedded({
    ...options,
    store: slow,
  });
  return Object.assign(broker, {
    release() {
      isReleased = true;
      for (const done of waiting.splice(0)) done();
    },
  });
}
