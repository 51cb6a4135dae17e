// The stage while it is open: what the feed and the flows tell goes into the play and onto the
// cards, and out come signals for the views. Opened by stage-page.tsx.

import { batch, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { StreamEvent } from "../live/bridge-answers.ts";
import type { Live } from "../live/live.ts";
import { readRate } from "../live/rate.ts";
import { CardDeck, type StageCard } from "./card-deck.ts";
import { isLit } from "./spotlight.ts";
import type { Actor } from "./stage-cast.ts";
import type { Flight } from "./stage-flight.ts";
import { followFlows } from "./stage-flows.ts";
import { countRows, type StageSize } from "./stage-layout.ts";
import { type HandlerName, PLACES_MAX, StagePlay } from "./stage-play.ts";
import { toValueWords } from "./stage-words.ts";

export const SPEEDS = [1, 0.5, 0.25] as const;
export type Speed = (typeof SPEEDS)[number];

/** Without a colour it is what a handler has published. */
export type ColouredCard = StageCard & { readonly hue: number | undefined };

export type StageFigures = {
  readonly messages: number;
  readonly perSecond: number;
  readonly topics: number;
  /** A second, that were not shown. */
  readonly more: number;
  /** While it was paused. */
  readonly passed: number;
};

export type Stage = {
  readonly isPaused: Signal<boolean>;
  readonly speed: Signal<Speed>;
  readonly spotlight: Signal<string>;
  readonly flights: ReadonlySignal<readonly Flight[]>;
  readonly devices: ReadonlySignal<readonly Actor[]>;
  readonly handlers: ReadonlySignal<readonly Actor[]>;
  readonly cards: ReadonlySignal<readonly ColouredCard[]>;
  readonly figures: ReadonlySignal<StageFigures>;
  readonly isLit: (topic: string) => boolean;
  /** Of the last message that passed with the topic; undefined when none did. */
  readonly findLast: (topic: string) => StageCard["words"] | undefined;
  /** Called with each frame; gives the time of the stage. */
  readonly tick: (nowMs: number) => number;
  readonly fit: (size: StageSize, cardsMax: number) => void;
  readonly close: () => void;
};

const REFRESH_MS = 250;
const CARDS_MAX = 4;
/** Of a batch, so many reach the cards: the others would be gone before anybody saw them. */
const CARDS_PER_BATCH = 40;
const NO_FIGURES: StageFigures = { messages: 0, perSecond: 0, topics: 0, more: 0, passed: 0 };

export function openStage(live: Live): Stage {
  const play = new StagePlay();
  const deck = new CardDeck(CARDS_MAX);
  const shown = createSignals();
  const tick = (nowMs: number) => {
    if (play.tick(nowMs)) shown.flights.value = play.flights;
    return play.stageMs;
  };
  const refresh = () => {
    tick(Date.now());
    show(shown, play, deck, live);
  };
  const ends = [...follow(live, play, deck, shown), startTimer(refresh)];
  return {
    ...shown,
    isLit: (topic) => isLit(shown.spotlight.value, topic),
    findLast(topic) {
      const last = live.topics.tree.find(topic)?.last;
      return last && toValueWords(last);
    },
    tick,
    fit(size, cardsMax) {
      play.setPlacesMax(countRows(size, PLACES_MAX), Date.now());
      deck.setCardsMax(cardsMax);
      show(shown, play, deck, live);
    },
    close() {
      for (const end of ends) end();
    },
  };
}

type End = () => void;

// The feed, the flows, and what the presenter chooses.
function follow(live: Live, play: StagePlay, deck: CardDeck, shown: Shown): readonly End[] {
  const ended = new AbortController();
  // Where no flows are told, or not to whoever looks, all fly as not handled.
  startFlows(live, play, ended.signal).then(() => play.setUntold());
  const take = (events: readonly StreamEvent[]) => {
    const messages = events.filter((event) => event.event === "message");
    play.takeMessages(
      messages.filter(({ initial }) => !initial),
      Date.now(),
    );
    if (!play.isPaused) dealCards(deck, messages, shown.spotlight.peek());
  };
  return [
    live.feed.listen(take),
    effect(() => {
      play.isPaused = shown.isPaused.value;
      if (!play.isPaused) play.passed = 0;
      play.speed = shown.speed.value;
    }),
    effect(() => {
      deck.clear(); // The light has moved.
      const spotlight = shown.spotlight.value;
      dealCards(deck, listLast(live, spotlight), spotlight);
      shown.cards.value = colour(deck, play);
    }),
    () => ended.abort(),
  ];
}

function startTimer(refresh: () => void): End {
  const timer = setInterval(refresh, REFRESH_MS);
  return () => clearInterval(timer);
}

function createSignals() {
  return {
    isPaused: signal(false),
    speed: signal<Speed>(1),
    spotlight: signal(""),
    flights: signal<readonly Flight[]>([]),
    devices: signal<readonly Actor[]>([]),
    handlers: signal<readonly Actor[]>([]),
    cards: signal<readonly ColouredCard[]>([]),
    figures: signal(NO_FIGURES),
  };
}
type Shown = ReturnType<typeof createSignals>;

// What is paused stands still, its figures as well.
function show(shown: Shown, play: StagePlay, deck: CardDeck, { topics }: Live): void {
  const nowMs = Date.now();
  const { below } = topics.tree.root;
  const perSecond = readRate(below.rate, nowMs);
  batch(() => {
    if (play.isPaused) {
      shown.figures.value = { ...shown.figures.peek(), passed: play.passed };
      return;
    }
    shown.devices.value = play.devices.actors.map((actor) => ({ ...actor }));
    shown.handlers.value = play.handlers.actors.map((actor) => ({ ...actor }));
    shown.cards.value = colour(deck, play);
    shown.figures.value = {
      messages: below.messages,
      perSecond,
      topics: below.topics,
      more: play.readMore(perSecond, nowMs),
      passed: 0,
    };
  });
}

// Anew each time: whoever sends to the topic may have got a place meanwhile.
function colour(deck: CardDeck, play: StagePlay): readonly ColouredCard[] {
  return deck.cards.map((card) => ({ ...card, hue: play.toHue(card.topic) }));
}

type Dealt = Parameters<CardDeck["take"]>[0];

function dealCards(deck: CardDeck, messages: readonly Dealt[], spotlight: string): void {
  const seen = messages.filter(({ topic }) => isLit(spotlight, topic)).slice(-CARDS_PER_BATCH);
  for (const message of seen) deck.take(message);
}

/** The topics in the light that changed last, the newest at the end. */
function listLast({ topics }: Live, spotlight: string): readonly Dealt[] {
  const found: Dealt[] = [];
  for (const { topic, last } of topics.tree.topics) {
    if (last && isLit(spotlight, topic)) found.push({ topic, ...last });
  }
  return found.slice(-CARDS_PER_BATCH);
}

async function startFlows({ api }: Live, play: StagePlay, signal: AbortSignal): Promise<void> {
  let skipped: number | undefined;
  await followFlows({
    api,
    signal,
    isVisible: () => document.visibilityState === "visible",
    async started() {
      const { handlers } = await api.ask<HandlersAnswer>("handlers", { signal });
      play.setHandlers(handlers, Date.now());
    },
    take(answer) {
      const nowMs = Date.now();
      play.skip(answer.skipped - (skipped ?? answer.skipped), nowMs);
      skipped = answer.skipped;
      play.takeFlows(answer.flows, nowMs);
    },
  });
}

type HandlersAnswer = { readonly handlers: readonly HandlerName[] };
