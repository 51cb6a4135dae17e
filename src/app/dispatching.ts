// Runs the handlers on what the link receives, and ends that when the bridge stops: nothing new is
// taken, and what is here is finished. Called by bridge.ts. It closes neither link nor broker.

import type { Listening } from "../broker/broker.ts";
import type { Settings } from "../config/read.ts";
import type { Dispatcher } from "../handlers/dispatcher.ts";
import type { Logger } from "../lib/log.ts";
import type { Link } from "../link/link.ts";
import { isBelow, removeOrigin } from "../link/origin.ts";
import { isReplyTopic } from "../link/own-topics.ts";
import type { Observation } from "../store/observation.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import { leaveGroup } from "./group-leaving.ts";
import { isSessionKept } from "./link-settings.ts";
import { waitForQuiet } from "./quiet.ts";

export type DispatchParts = {
  readonly settings: Settings;
  readonly log: Logger;
  readonly link: Link;
  readonly dispatcher: Dispatcher;
  readonly observation: Observation;
  /** Where the embedded broker listens, closed before anything else. */
  readonly listening: Listening | undefined;
  /** Aborted first when the bridge stops. */
  readonly stopping: AbortController;
};

/** In one process, what a device had sent before is here long before this. */
const QUIET_MS = 20;

/**
 * Handlers that run. Disposing takes no more messages, then waits for what runs, for
 * `stopTimeoutMs` at most, and tells what is lost.
 */
export function openDispatch(parts: DispatchParts): AsyncDisposable {
  const { link, dispatcher, observation, log, settings } = parts;
  const { stopTimeoutMs } = settings;
  const isEmbedded = settings.brokers.length === 0;
  const isKept = isSessionKept(settings);
  // The embedded broker has seen every message before the link.
  const note = (topic: string, message: OutgoingMessage) => {
    // Within a group, what is watched comes once more, beside what the group shares.
    if (!link.isMarkingPlain || !link.receives(topic)) observation.note(topic, message);
  };
  const onMessage = isEmbedded ? undefined : note;
  const running = dispatcher.run(link.messages(), onMessage);
  return {
    async [Symbol.asyncDispose]() {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        const fate = isKept ? ": their messages stay unacknowledged" : "";
        log.warn(`handlers still run after ${stopTimeoutMs} ms${fate}`);
        dispatcher.stop();
        late.resolve();
      }, stopTimeoutMs);
      // The other half is for the handlers of what came last.
      await stopTaking(parts, stopTimeoutMs / 2);
      link.stopReceiving();
      await Promise.race([running, late.promise]).finally(() => clearTimeout(timer));
      const left = link.unfinished;
      if (left === 0) return;
      if (isKept) log.info(`${left} messages were not handled: they come again at the next start`);
      else log.warn(`${left} messages were not handled, and the embedded broker keeps none`);
    },
  };
}

// From a broker of its own, what comes from now on stays in the session, as after a kill.
async function stopTaking(parts: DispatchParts, timeoutMs: number): Promise<void> {
  const { settings, link, dispatcher, listening, stopping } = parts;
  stopping.abort();
  await listening?.[Symbol.asyncDispose]();
  if (settings.leaveGroup) return leaveGroup(link, dispatcher, timeoutMs);
  if (settings.brokers.length > 0) return;
  await waitForQuiet(link, dispatcher, QUIET_MS, AbortSignal.timeout(timeoutMs));
}

export type RoomParts = Pick<DispatchParts, "settings" | "dispatcher"> & {
  /** Aborted when the bridge stops: it takes no more. */
  readonly stopping: AbortSignal;
  /** Resolves when the link has room; undefined when it has. */
  readonly getRoom: () => Promise<void> | undefined;
};

/**
 * What the embedded broker asks before it takes a device's message: devices are held back while the
 * handlers of their topic have no room, and for good once the bridge stops. What is not
 * acknowledged is theirs to send again; the answers of handlers that still run reach them.
 */
export function createRoom(parts: RoomParts): (topic: string) => Promise<void> | undefined {
  const { settings, dispatcher, stopping, getRoom } = parts;
  const { origin, clientId } = settings;
  const never = new Promise<void>(() => {});
  return (topic) => {
    const wait = getRoom();
    if (!wait && !stopping.aborted) return undefined;
    if (!isBelow(origin, topic)) return undefined;
    const own = removeOrigin(origin, topic);
    // A reply never waits: a handler that waits for it may be what takes the room.
    if (isReplyTopic(clientId, own) || !dispatcher.isHandled(own)) return undefined;
    // The room that comes when the bridge stops is no room.
    return stopping.aborted ? never : wait?.then(() => (stopping.aborted ? never : undefined));
  };
}
