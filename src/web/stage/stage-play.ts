// What happens on the stage: which messages fly, who sends and who handles them. Told of messages
// and flows by stage.ts, and of each frame by it. Bounded: what has no room is counted. Pure: the
// time is told.

import type { StreamMessage } from "../live/bridge-answers.ts";
import type { HandlerJson } from "../live/handler-answers.ts";
import { AwaitedReplies } from "./awaited-replies.ts";
import { type FlowTold, toOutcome, toSenderName, toTopicName } from "./flow-told.ts";
import { LatestMap } from "./latest-map.ts";
import { matchFilter } from "./spotlight.ts";
import { type Actor, Cast, CROWD, hueOf } from "./stage-cast.ts";
import { type Flight, type Handled, toDurationMs } from "./stage-flight.ts";
import { StageGate } from "./stage-gate.ts";
import { toShortText } from "./stage-words.ts";

export type HandlerName = Pick<HandlerJson, "name" | "filter">;
type Held = Pick<Flight, "topic" | "text"> & { readonly dueMs: number; readonly count: number };
type Start = Pick<Flight, "topic" | "text" | "to" | "handled"> & { readonly device: string };

export const PLACES_MAX = 8;
const QUIET_MS = 10_000;
/** A message waits so long for a flow that says it is handled, or was sent by a handler. */
const HOLD_MS = 450;
const HELD_MAX = 1_000;
/** What comes in one batch starts one after the other. */
const SPREAD_MS = 100;
const SPEAK_MS = 550;

export class StagePlay {
  readonly devices = new Cast({ placesMax: PLACES_MAX, quietMs: QUIET_MS });
  readonly handlers = new Cast({ placesMax: PLACES_MAX, quietMs: QUIET_MS });
  speed = 1;
  isPaused = false;
  /** What came while it was paused. */
  passed = 0;
  #flights: readonly Flight[] = [];
  /** Those that the last frame was told of. */
  #told = this.#flights;
  #stageMs = 0;
  #frameMs: number | undefined;
  #keys = 0;
  #telling: "unknown" | "flows" | "nobody" = "unknown";
  #handlers: readonly HandlerName[] = [];
  #held: Held[] = [];
  readonly #gate = new StageGate();
  readonly #replies = new AwaitedReplies();
  /** By flow and handler. */
  readonly #runs = new LatestMap<Handled>();
  /** Who sent to the topic, where a flow has told. */
  readonly #senders = new LatestMap<string>();
  /** When the last one with a text set out: from this device, or to this handler. */
  readonly #spoken = new LatestMap<number>();

  get flights(): readonly Flight[] {
    return this.#flights;
  }

  get stageMs(): number {
    return this.#stageMs;
  }

  /** Handlers of whose messages flows are told. */
  setHandlers(handlers: readonly HandlerName[], nowMs: number): void {
    this.#telling = "flows";
    this.#handlers = handlers;
    for (const { name } of handlers) this.handlers.admit(name, nowMs);
  }

  /** No flows are told: no message is known as handled. */
  setUntold(): void {
    this.#telling = "nobody";
  }

  /** How many devices, and handlers, have room. */
  setPlacesMax(placesMax: number, nowMs: number): void {
    this.devices.setPlacesMax(placesMax);
    this.handlers.setPlacesMax(placesMax);
    for (const { name } of this.#handlers) this.handlers.admit(name, nowMs);
  }

  /** Who sends to this topic: as told by a flow, else its first levels. */
  toDevice(topic: string): string {
    return this.#senders.get(topic) ?? toTopicName(topic);
  }

  /** Undefined for what a handler has published. */
  toHue(topic: string): number | undefined {
    if (this.#replies.has(topic)) return undefined;
    const device = this.toDevice(topic);
    return this.devices.find(device)?.hue ?? hueOf(device);
  }

  takeMessages(messages: readonly StreamMessage[], nowMs: number): void {
    for (const [at, message] of messages.entries()) {
      const { topic, replaced = 0 } = message;
      const count = 1 + replaced;
      if (this.isPaused) this.passed += count;
      else if (this.#held.length >= HELD_MAX) this.#gate.turnAway(count, nowMs);
      else {
        const dueMs = nowMs + HOLD_MS + (at * SPREAD_MS) / messages.length;
        this.#held.push({ topic, text: toShortText(message), dueMs, count });
      }
    }
  }

  takeFlows(flows: readonly FlowTold[], nowMs: number): void {
    for (const flow of flows) {
      const names = new Set(flow.runs.map(({ handler }) => handler));
      for (const name of names) this.#takeRun(flow, name, nowMs);
    }
  }

  /** Flows that were too many to be told. */
  skip(count: number, nowMs: number): void {
    this.#gate.turnAway(count, nowMs);
  }

  /** The time goes on. Gives whether messages came or went since the last call. */
  tick(nowMs: number): boolean {
    const elapsedMs = nowMs - (this.#frameMs ?? nowMs);
    this.#frameMs = nowMs;
    if (this.isPaused) return false;
    this.#stageMs += elapsedMs * this.speed;
    const stay = this.#flights.filter((flight) => {
      return this.#stageMs - flight.startMs < toDurationMs(flight);
    });
    if (stay.length < this.#flights.length) this.#flights = stay;
    this.#release(nowMs);
    const isChanged = this.#flights !== this.#told;
    this.#told = this.#flights;
    return isChanged;
  }

  readMore(perSecond: number, nowMs: number): number {
    return this.#gate.readMore(perSecond, nowMs);
  }

  // None before it is known whose messages are told by flows: it would be somebody else's.
  #release(nowMs: number): void {
    if (this.#telling === "unknown") return;
    const waiting: Held[] = [];
    for (const held of this.#held) {
      const { topic, text, dueMs, count } = held;
      if (dueMs > nowMs) waiting.push(held);
      else if (this.#isTold(topic)) this.#replies.answer(topic, text);
      else {
        const device = this.toDevice(topic);
        this.#start({ topic, text, device, to: undefined, handled: undefined }, count, nowMs);
      }
    }
    this.#held = waiting;
  }

  #isTold(topic: string): boolean {
    if (this.#telling === "nobody") return false;
    return (
      this.#replies.has(topic) || this.#handlers.some(({ filter }) => matchFilter(filter, topic))
    );
  }

  #takeRun(flow: FlowTold, name: string, nowMs: number): void {
    const runs = flow.runs.filter(({ handler }) => handler === name);
    const publishes = runs.flatMap((run) => run.publishes);
    const replyTopic = publishes.at(-1)?.topic;
    for (const { topic } of publishes) if (topic !== undefined) this.#replies.note(topic);
    const outcome = toOutcome(runs.at(-1));
    const place = this.handlers.admit(name, nowMs);
    const actor = this.handlers.actors[place];
    const key = `${flow.id} ${name}`;
    let handled = this.#runs.get(key);
    const isFinishedNow = outcome !== "running" && handled?.outcome !== outcome;
    if (actor && isFinishedNow && outcome === "failed") actor.failed += 1;
    if (actor && replyTopic !== undefined) actor.replyTopic = replyTopic;
    if (handled) {
      if (isFinishedNow) Object.assign(handled, { outcome, knownMs: this.#sinceStart(handled) });
      if (replyTopic !== undefined && !handled.hasReply) this.#replies.expect(replyTopic, handled);
      return;
    }
    const startedMs = this.#stageMs;
    handled = { outcome, knownMs: 0, startedMs, hasReply: false, replyText: "" };
    if (replyTopic !== undefined) this.#replies.expect(replyTopic, handled);
    this.#runs.set(key, handled);
    if (actor) note(actor, flow.topic, 1, nowMs);
    if (this.isPaused) this.passed += 1;
    if (this.isPaused) return;
    const device = toSenderName(flow);
    this.#senders.set(flow.topic, device);
    const to = place === CROWD ? undefined : place;
    const text = toShortText(flow);
    this.#start({ topic: flow.topic, text, device, to, handled }, 1, nowMs);
  }

  #sinceStart({ startedMs }: Handled): number {
    return this.#stageMs - startedMs;
  }

  #start({ device, ...what }: Start, count: number, nowMs: number): void {
    const from = this.devices.admit(device, nowMs);
    const actor = this.devices.actors[from];
    if (actor) note(actor, what.topic, count, nowMs);
    const shown = what.handled?.hasReply ? 2 : 1; // A reply is a message as well.
    if (!this.#gate.pass(count, shown, this.#flights.length, nowMs)) return;
    this.#keys += 1;
    const hue = actor?.hue ?? hueOf(device);
    const text = this.#maySpeak(device, what.to) ? what.text : "";
    const flight = { key: this.#keys, ...what, text, hue, from, startMs: this.#stageMs };
    this.#flights = [...this.#flights, flight];
  }

  // Texts that fly close behind each other cannot be read.
  #maySpeak(device: string, to: number | undefined): boolean {
    const names = [`from ${device}`, ...(to === undefined ? [] : [`to ${to}`])];
    const isTooSoon = names.some((name) => {
      return this.#stageMs - (this.#spoken.get(name) ?? -SPEAK_MS) < SPEAK_MS;
    });
    if (isTooSoon) return false;
    for (const name of names) this.#spoken.set(name, this.#stageMs);
    return true;
  }
}

function note(actor: Actor, topic: string, count: number, nowMs: number): void {
  actor.messages += count;
  actor.lastMs = nowMs;
  actor.topic = topic;
}
