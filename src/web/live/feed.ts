// The stream of messages that the page watches: it connects again by itself, says how it stands,
// and stops while nobody sees the page. What comes is handed on in batches, one per frame.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "./api.ts";
import type { StreamEvent } from "./bridge-answers.ts";
import { createFrameBatch, type FrameBatch } from "./frame-batch.ts";
import type { ProblemError } from "./problem-error.ts";
import { toPauseMs } from "./reconnect-pause.ts";
import { openTransport, type Transport, type TransportKind } from "./transport.ts";

export type FeedState =
  /** Nothing is asked for: no filter, no token, or the tab is hidden. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly attempt: number }
  | { readonly kind: "open"; readonly broker: BrokerState | undefined }
  | { readonly kind: "waiting"; readonly attempt: number; readonly untilMs: number }
  /** The bridge answers, but not with a stream; nothing is tried until something changes. */
  | { readonly kind: "refused"; readonly error: ProblemError };

export type BrokerState = {
  readonly kind: "connected" | "away";
  readonly broker: string;
  readonly reason: string;
};

export type FeedListener = (events: readonly StreamEvent[]) => void;

type End = () => void;

export type FeedOptions = {
  readonly api: Pick<Api, "toUrl" | "fetch">;
  /** Only the newest of each topic comes, every so many milliseconds. */
  readonly coalesceMs: number;
  readonly schedule: (run: () => void) => void;
};

const PENDING_MAX = 20_000;
const TOO_MANY_REQUESTS = 429;

export class Feed {
  readonly #state = signal<FeedState>({ kind: "idle" });
  readonly #filters = signal<readonly string[]>([]);
  readonly #listeners = new Set<FeedListener>();
  readonly #api: FeedOptions["api"];
  readonly #pending: FrameBatch<string>;
  #coalesceMs: number;
  #isVisible = true;
  #kind: TransportKind = "socket";
  #transport: Transport | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;

  constructor({ api, coalesceMs, schedule }: FeedOptions) {
    this.#api = api;
    this.#coalesceMs = coalesceMs;
    const take = (texts: readonly string[], dropped: number) => this.#take(texts, dropped);
    this.#pending = createFrameBatch({ itemsMax: PENDING_MAX, schedule, take });
  }

  get state(): ReadonlySignal<FeedState> {
    return this.#state;
  }

  /** What it asks for; none, and it is idle. */
  get filters(): ReadonlySignal<readonly string[]> {
    return this.#filters;
  }

  /** Connects with other filters. */
  watch(filters: readonly string[]): void {
    this.#filters.value = filters;
    this.retry();
  }

  pace(coalesceMs: number): void {
    if (coalesceMs === this.#coalesceMs) return;
    this.#coalesceMs = coalesceMs;
    if (this.#state.value.kind === "open") this.retry();
  }

  /** A hidden page asks for nothing. */
  setVisible(isVisible: boolean): void {
    if (isVisible === this.#isVisible) return;
    this.#isVisible = isVisible;
    this.retry();
  }

  /** Tries at once. */
  retry(): void {
    this.#attempts = 0;
    this.#start();
  }

  /** Called with each batch; gives what ends it. */
  listen(listener: FeedListener): End {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#transport?.close();
    this.#transport = undefined;
    this.#pending.clear();
    if (this.#filters.value.length === 0 || !this.#isVisible) {
      this.#state.value = { kind: "idle" };
      return;
    }
    this.#attempts += 1;
    this.#state.value = { kind: "connecting", attempt: this.#attempts };
    let isOpened = false;
    this.#transport = openTransport(this.#kind, this.#api.toUrl(this.#toPath()), {
      opened: () => {
        isOpened = true;
        this.#attempts = 0;
        this.#state.value = { kind: "open", broker: undefined };
      },
      received: this.#pending.add,
      closed: () => {
        this.#transport = undefined;
        if (!isOpened) return void this.#findReason();
        this.#attempts = 1; // It had been there: the first wait is short.
        this.#wait();
      },
    });
  }

  #wait(): void {
    const pauseMs = toPauseMs(this.#attempts, Math.random());
    const untilMs = Date.now() + pauseMs;
    this.#state.value = { kind: "waiting", attempt: this.#attempts, untilMs };
    this.#timer = setTimeout(() => this.#start(), pauseMs);
  }

  // A browser does not say why there is no WebSocket: the same request without it does.
  async #findReason(): Promise<void> {
    const tried = this.#state.value;
    const ended = new AbortController();
    const error = await this.#api.fetch(this.#toPath(), { signal: ended.signal }).then(
      () => undefined,
      (thrown: ProblemError) => thrown,
    );
    ended.abort();
    if (this.#state.value !== tried) return; // Something else has been asked for meanwhile.
    // It is there, but not this way.
    if (!error) this.#kind = this.#kind === "socket" ? "events" : "socket";
    const status = error?.status ?? 0;
    const isFinal = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
    if (error && isFinal) this.#state.value = { kind: "refused", error };
    else this.#wait();
  }

  #toPath(): string {
    const wanted = this.#filters.value.map((filter) => `filter=${encodeURIComponent(filter)}`);
    return `stream?${wanted.join("&")}&coalesce=${this.#coalesceMs}&values=true`;
  }

  #take(texts: readonly string[], dropped: number): void {
    const events = texts.map((text) => JSON.parse(text) as StreamEvent);
    if (dropped > 0) events.unshift({ event: "missed", coalesced: 0, dropped });
    batch(() => {
      for (const event of events) {
        // What is handed on now may have come before the connection was lost.
        if (event.event === "state" && this.#state.peek().kind === "open") {
          this.#state.value = { kind: "open", broker: toBroker(event) };
        }
      }
      for (const listener of this.#listeners) listener(events);
    });
  }
}

function toBroker(event: Extract<StreamEvent, { event: "state" }>): BrokerState {
  return { kind: event.state, broker: event.broker, reason: event.reason ?? "" };
}
