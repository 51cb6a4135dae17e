// A store that forgets: for a broker that keeps nothing beyond its process (`--data :memory:`).

import type { BrokerStore } from "./broker-store.ts";

export function createForgetfulStore(): BrokerStore {
  const nothing = () => {};
  return {
    isKept: false,
    isWaitedFor: false,
    load: () => ({ sessions: [], retained: [], wills: [], lastMessageId: 0 }),
    putSession: nothing,
    deleteSession: nothing,
    putSubscription: nothing,
    deleteSubscription: nothing,
    putEntry: nothing,
    releaseEntry: nothing,
    deleteEntry: nothing,
    putSent: nothing,
    putReceived: nothing,
    deleteReceived: nothing,
    putRetained: nothing,
    deleteRetained: nothing,
    putWill: nothing,
    deleteWill: nothing,
    changeCount: 0,
    problem: undefined,
    whenStored: (done) => done(),
    async [Symbol.asyncDispose]() {},
  };
}
