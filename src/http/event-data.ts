// What the streams send: messages, what was missed, the state of the connection to the broker, each
// as one line of JSON, and as a server-sent event. Called by event-stream.ts and stream-socket.ts.
// A message is encoded once for all who are sent it. Pure.

import type { ObservedMessage } from "../store/observation.ts";
import type { ReaderState, WatchItem } from "../store/reader.ts";
import type { WatchedMessage } from "../store/reader-queue.ts";
import { toMessageJson } from "./message-json.ts";

/** What a reader did not get, by cause. */
export type MissedJson = {
  /** Newer messages of the same topics took their place, because the reader was slow. */
  readonly coalesced: number;
  /** They were left out, because the reader was slower still. */
  readonly dropped: number;
  /** Between the message that the reader had last and the next one there may be others. */
  readonly gap?: true;
};

/** A message of the history may be there in part only. */
export type StreamedMessage = ObservedMessage & {
  readonly payloadBytes?: number;
  readonly isCut?: boolean;
};

/** A sign of life, which EventSource does not show (HTML, section 9.2.6). */
export const HEARTBEAT = Buffer.from(": still here\n\n");

/** The message under the names of POST /publish, on one line. */
export function toMessageLine(message: StreamedMessage, isInitial = false): string {
  const { payloadBytes = message.payload.length, isCut = false } = message;
  const json = toMessageJson({ ...message, payloadBytes, isCut });
  return JSON.stringify(isInitial ? { ...json, initial: true } : json);
}

/** The message as an event; one that only says how things stood has no id to resume from. */
export function toMessageEvent(message: StreamedMessage, isInitial = false): Uint8Array {
  const data = toMessageLine(message, isInitial);
  return Buffer.from(toEvent("message", data, isInitial ? undefined : message.id));
}

/** One item as JSON, with the name of its event in it: a frame of the WebSocket. */
export function toItemJson(item: WatchItem): string {
  switch (item.kind) {
    case "message":
      item.watched.json ??= addEvent("message", toMessageLine(item.watched.message));
      return addReplaced(item.watched.json, item.replaced);
    case "missed":
      return addEvent("missed", JSON.stringify(item.missed));
    case "state":
      return addEvent("state", toStateJson(item.state));
    default:
      return item satisfies never;
  }
}

/** One item as an event. */
export function toItemEvent(item: WatchItem): Uint8Array {
  switch (item.kind) {
    case "message":
      return toWatchedEvent(item.watched, item.replaced);
    case "missed":
      return toMissedEvent(item.missed);
    case "state":
      return toStateEvent(item.state);
    default:
      return item satisfies never;
  }
}

export function toMissedEvent(missed: MissedJson): Uint8Array {
  return Buffer.from(toEvent("missed", JSON.stringify(missed)));
}

export function toStateEvent(state: ReaderState): Uint8Array {
  return Buffer.from(toEvent("state", toStateJson(state)));
}

/** Puts the event's name before what the JSON of an object has. */
export function addEvent(event: string, json: string): string {
  return `{"event":${JSON.stringify(event)},${json.slice(1)}`;
}

// For this reader alone: the rest is encoded once for all.
function addReplaced(json: string, replaced: number): string {
  return replaced === 0 ? json : `{"replaced":${replaced},${json.slice(1)}`;
}

function toWatchedEvent(watched: WatchedMessage, replaced: number): Uint8Array {
  if (replaced > 0) {
    const data = addReplaced(toMessageLine(watched.message), replaced);
    return Buffer.from(toEvent("message", data, watched.message.id));
  }
  watched.event ??= toMessageEvent(watched.message);
  return watched.event;
}

function toStateJson(state: ReaderState): string {
  const { kind, broker } = state;
  const reason = state.kind === "away" ? state.reason : undefined;
  return JSON.stringify({ state: kind, broker, reason });
}

function toEvent(event: string, json: string, id?: number): string {
  const head = id === undefined ? "" : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${json}\n\n`;
}
