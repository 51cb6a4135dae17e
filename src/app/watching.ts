// Who watches messages over HTTP: the readers, what they make the link subscribe to, and word of
// the connection for them. Opened by bridge.ts last, so that streams end first when it stops.

import type { Broker } from "../broker/broker.ts";
import type { Settings } from "../config/read.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Link } from "../link/link.ts";
import { ReplyFilters } from "../link/reply-filters.ts";
import type { LinkState } from "../link/state.ts";
import type { Observation } from "../store/observation.ts";
import type { ReaderState } from "../store/reader.ts";
import { Watch } from "../store/watch.ts";
import { checkPlainFilter } from "../topics/plain-filter.ts";

export type Watching = Disposable & {
  readonly watch: Watch;
  /**
   * Makes messages of the filter pass the bridge, until it is disposed; who holds the same filter
   * shares its subscription, and it stays for a while after the last. Rejects with
   * `filter_invalid`, `subscribe_refused`, `group_unwatchable`.
   */
  readonly hold: (filter: string) => Promise<Disposable>;
};

type WatchingParts = {
  readonly settings: Settings;
  readonly link: Link;
  /** The embedded one. */
  readonly broker: Broker | undefined;
  readonly observation: Observation;
};

const NOTHING_HELD: Disposable = { [Symbol.dispose]() {} };

export function openWatching({ settings, link, broker, observation }: WatchingParts): Watching {
  const watch = new Watch(observation);
  const { group } = settings;
  const filters = new ReplyFilters(async (filter) => {
    // Handlers would take what comes for a share of the group's, and run twice.
    if (group !== undefined && !link.isMarkingPlain) {
      throw new ViadutoError("group_unwatchable", { group });
    }
    // Only of QoS 0 does a copy beside the group's need no acknowledgement.
    return link.subscribePlain(filter, group === undefined ? 1 : 0, "send");
  });
  void announceStates(link, watch);
  return {
    watch,
    // The embedded broker shows every message; at an external one somebody must subscribe.
    async hold(filter) {
      checkPlainFilter(filter); // The same at every broker.
      return broker ? NOTHING_HELD : holdFilter(filters, filter);
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      filters.close();
    },
  };
}

async function holdFilter(filters: ReplyFilters, filter: string): Promise<Disposable> {
  const held = filters.hold(filter);
  const release = () => filters.release(held);
  try {
    await held.granted;
  } catch (error) {
    release();
    throw error;
  }
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld) release();
      isHeld = false;
    },
  };
}

// Only what changes: an attempt after the other that fails is no news.
async function announceStates(link: Link, watch: Watch): Promise<void> {
  let last = "";
  for await (const state of link.states()) {
    const { kind } = toReaderState(state);
    if (kind === last) continue;
    if (last !== "") watch.announce(toReaderState(state));
    last = kind;
  }
}

/** The reader's words for the link's state. */
export function toReaderState(state: LinkState): ReaderState {
  switch (state.kind) {
    case "connected":
      return { kind: "connected", broker: state.broker };
    case "connecting":
      return { kind: "away", broker: state.broker, reason: "connecting" };
    case "waiting":
      return { kind: "away", broker: state.broker, reason: state.error.message };
    case "closed":
      return { kind: "away", broker: "", reason: "the bridge stops" };
    default:
      return state satisfies never;
  }
}
