// Streams that are open, and how many may be: in all, and of one token or address. Used by
// streams-route.ts and stream-socket.ts.

import { ViadutoError } from "../lib/errors.ts";
import type { ReaderState } from "../store/reader.ts";
import type { Watch } from "../store/watch.ts";
import { callerOf } from "./caller.ts";
import { Stream, type StreamOptions } from "./stream.ts";
import { addressOf } from "./visit.ts";

export type StreamLimits = {
  readonly streamsMax: number;
  /** Of one token, or of one address where no token is asked for. */
  readonly streamsPerCallerMax: number;
  readonly streamFiltersMax: number;
  readonly streamMessagesMax: number;
  readonly streamBytesMax: number;
  readonly streamHeartbeatSeconds: number;
};

export type StreamParts = Pick<StreamOptions, "hold"> & {
  readonly watch: Watch;
  readonly getState: () => ReaderState;
  readonly limits: StreamLimits;
};

export type Streams = {
  /**
   * A stream of the filters. Throws what `Stream.follow` throws, `streams_full` and
   * `caller_streams_full`; then nothing is left open.
   */
  readonly open: (
    request: Request,
    filters: readonly string[],
    coalesceMs: number | undefined,
  ) => Promise<Stream>;
  /** Streams that are open. */
  readonly size: number;
};

const MS_PER_SECOND = 1000;
/** Their bytes are bounded as those of others are. */
const COALESCED_TOPICS_MAX = 10_000;

export function createStreams({ watch, hold, getState, limits }: StreamParts): Streams {
  const places = createPlaces(limits);
  return {
    async open(request, filters, coalesceMs) {
      const leave = places.enter(toKey(request));
      const state = getState();
      const reader = watch.open({
        state,
        messagesMax: toMessagesMax(limits.streamMessagesMax, coalesceMs),
        bytesMax: limits.streamBytesMax,
        idleMs: limits.streamHeartbeatSeconds * MS_PER_SECOND,
        coalesceMs,
      });
      const check = (filter: string) => callerOf(request).check("read", filter);
      const filtersMax = limits.streamFiltersMax;
      const stream = new Stream({ reader, state, filtersMax, check, hold, leave });
      try {
        // All begin at once, so that nothing passes between what had passed and what comes.
        const begun = await Promise.allSettled(filters.map((filter) => stream.follow(filter)));
        const failure = begun.find(({ status }) => status === "rejected");
        if (failure) throw (failure as PromiseRejectedResult).reason;
        return stream;
      } catch (error) {
        stream[Symbol.dispose]();
        throw error;
      }
    },
    get size() {
      return places.taken();
    },
  };
}

// Who wants the newest of each topic has one message of each waiting, for as long as it asked for:
// were there room for fewer topics than change meanwhile, it would miss some in each interval.
function toMessagesMax(messagesMax: number, coalesceMs: number | undefined): number {
  return coalesceMs === undefined ? messagesMax : Math.max(messagesMax, COALESCED_TOPICS_MAX);
}

function createPlaces({ streamsMax, streamsPerCallerMax }: StreamLimits) {
  const counts = new Map<string, number>();
  let size = 0;
  return {
    taken: () => size,
    /** Takes a place; what it gives frees it. */
    enter(key: string): () => void {
      const count = counts.get(key) ?? 0;
      if (size >= streamsMax) throw new ViadutoError("streams_full", { streamsMax });
      // Of who is not known, as in a library's app, there is only the limit of all.
      if (key !== "" && count >= streamsPerCallerMax) {
        throw new ViadutoError("caller_streams_full", { streamsMax: streamsPerCallerMax });
      }
      size += 1;
      counts.set(key, count + 1);
      return () => {
        size -= 1;
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}

function toKey(request: Request): string {
  const { name } = callerOf(request);
  return name === undefined ? addressOf(request) : `token ${name}`;
}
