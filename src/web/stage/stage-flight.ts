// One message on its way over the stage: when it is where. Times are those of the stage, which
// slow motion stretches and a pause stops. Used by stage-play.ts and stage-floor.tsx. Pure.

import {
  type Box,
  type Curve,
  isNarrow,
  type Point,
  type StageLayout,
  toCurve,
  toPoint,
  toShare,
} from "./stage-layout.ts";

export type Flight = {
  readonly key: number;
  readonly topic: string;
  /** A few letters of its value. */
  readonly text: string;
  readonly hue: number;
  /** The place of the device, or `CROWD`. */
  readonly from: number;
  readonly startMs: number;
  /** The place of the handler; undefined when none gets it. */
  readonly to: number | undefined;
  readonly handled: Handled | undefined;
};
/** What came of it. It changes while the message flies. */
export type Handled = {
  outcome: "running" | "done" | "failed";
  /** When it was seen first, at the time of the stage. */
  readonly startedMs: number;
  /** How long after that the outcome was known here. */
  knownMs: number;
  hasReply: boolean;
  /** A few letters of what was replied, once that has passed. */
  replyText: string;
};

export type FlightPlace = Point & {
  readonly opacity: number;
  readonly isReply: boolean;
  readonly isFailed: boolean;
};

const LEG_MS = 1_100;
const DWELL_MS = 400;
const FADE_MS = 350;
/** A handler may take longer; the stage does not wait for it. */
const HANDLER_WAIT_MS_MAX = 8_000;

const ARRIVED_MS = 2 * LEG_MS;
/** It waits before the handler, not upon it. */
const DISTANCE_PX = 26;
const NARROW_DISTANCE_PX = 8;

/** When it leaves the handler; undefined while that is not known. */
function toLeavingMs({ handled, to }: Flight): number | undefined {
  const soonest = ARRIVED_MS + DWELL_MS;
  if (!handled || to === undefined) return undefined;
  if (handled.outcome === "running") return soonest + HANDLER_WAIT_MS_MAX;
  return Math.max(soonest, handled.knownMs);
}

/** How long it flies in all, as far as is known. */
export function toDurationMs(flight: Flight): number {
  const leavingMs = toLeavingMs(flight);
  if (leavingMs === undefined) return LEG_MS + FADE_MS;
  return leavingMs + (flight.handled?.hasReply ? LEG_MS : 0) + FADE_MS;
}

/** Where it is at this time of the stage; undefined before and after. */
export function findPlace(
  flight: Flight,
  stageMs: number,
  layout: StageLayout,
): FlightPlace | undefined {
  const age = stageMs - flight.startMs;
  const left = toDurationMs(flight) - age;
  if (age < 0 || left <= 0) return undefined;
  const { devices, broker } = layout;
  const start = devices[flight.from] ?? toCrowdBox(layout);
  const share = toShare(Math.max(0, flight.from), Math.max(1, devices.length));
  const opacity = Math.min(1, left / FADE_MS);
  const still = { opacity, isReply: false, isFailed: false };
  if (age < LEG_MS || flight.to === undefined) {
    return { ...move(toCurve(start, broker, share), age), ...still };
  }
  const handler = layout.handlers[flight.to];
  if (!handler) return undefined;
  const there = stopBefore(toHandlerCurve(layout, handler, flight.to), layout);
  const isFailed = flight.handled?.outcome === "failed" && age >= ARRIVED_MS;
  const leavingMs = toLeavingMs(flight) ?? 0;
  if (age < leavingMs || !flight.handled?.hasReply) {
    return { ...move(there, age - LEG_MS), ...still, isFailed };
  }
  return {
    ...moveReply(layout, flight.to, there, age - leavingMs),
    opacity,
    isReply: true,
    isFailed,
  };
}

/** From the broker to the handler of this place. */
export function toHandlerCurve(layout: StageLayout, handler: Box, place: number): Curve {
  const { broker, handlers } = layout;
  const share = toShare(place, handlers.length);
  return {
    from: { x: broker.x + broker.width, y: broker.y + broker.height * share },
    to: { x: handler.x, y: handler.y + handler.height / 2 },
  };
}

function stopBefore({ from, to }: Curve, layout: StageLayout): Curve {
  const distance = isNarrow(layout) ? NARROW_DISTANCE_PX : DISTANCE_PX;
  return { from, to: { x: to.x - distance, y: to.y } };
}

function moveReply(layout: StageLayout, place: number, there: Curve, ms: number): Point {
  const handler = layout.handlers[place];
  const reply = layout.replies[place];
  if (handler && reply) return move(toCurve(handler, reply), ms);
  return move({ from: there.to, to: there.from }, ms);
}

function move(curve: Curve, ms: number): Point {
  return toPoint(curve, ease(Math.min(1, Math.max(0, ms / LEG_MS))));
}

// It starts and stops gently.
function ease(share: number): number {
  return share * share * (3 - 2 * share);
}

/** Whoever has no place comes from below the last one. */
function toCrowdBox({ devices, height }: StageLayout): Box {
  const width = devices[0]?.width ?? 0;
  return { x: 0, y: height, width, height: 0 };
}
