// Brings messages to their handlers, and tells the link when a message has been dealt with: when
// all its handlers have finished and what they published is acknowledged, or the message is among
// the dead letters, on disk. A crash in between means redelivery.

import type { Histogram } from "../lib/histogram.ts";
import type { Delivery } from "../link/inbox.ts";
import type { DeadLetters } from "../store/dead-letters.ts";
import type { FlowSender } from "../store/flow.ts";
import type { Flows } from "../store/flows.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { HandlerSet, Hooks } from "../topics/handler.ts";
import type { Message, OutgoingMessage } from "../topics/message.ts";
import { DeadLettering } from "./dead-lettering.ts";
import { Deadlines } from "./deadlines.ts";
import { FlowTelling } from "./flow-telling.ts";
import { createLineage, type Lineage } from "./lineage.ts";
import { isToldLoop, LoopError } from "./loop-error.ts";
import { filterOf, isMeant, toSubscription } from "./meant-for.ts";
import { OnTheWay } from "./on-the-way.ts";
import { createRegistry, type Match, type Registry } from "./registry.ts";
import type { Services } from "./services.ts";
import { StallWatch } from "./stall-watch.ts";
import { type Job, type Outcome, Worker } from "./worker.ts";

export type DispatcherOptions = Pick<
  Services,
  "publish" | "request" | "limits" | "log" | "clock" | "isKept" | "tracer"
> & {
  readonly deadLetters: DeadLetters;
  /** The bridge shares its messages with others of a group, which may get its own publishes. */
  readonly isShared: boolean;
  /** Undefined when none are told. */
  readonly flows: Flows | undefined;
};

/** What a change of the handlers means for the link. */
export type Change = {
  readonly subscriptions: readonly Subscription[];
  /** Of handlers that were not there before. */
  readonly fresh: readonly Subscription[];
};

export class Dispatcher {
  readonly #services: Services;
  readonly #isShared: boolean;
  readonly #deadLettering: DeadLettering;
  readonly #own = new OnTheWay<Lineage>();
  readonly #telling: FlowTelling | undefined;
  readonly #deadlines = new Deadlines();
  readonly #stopping = new AbortController();
  readonly #stop = new AbortController();
  /** By the handler's name. */
  #workers = new Map<string, Worker>();
  /** Of handlers that are gone, with messages still to finish. */
  readonly #leaving = new Set<Worker>();
  #registry: Registry<Worker> = createRegistry([]);
  #hooks: readonly Hooks[] = [];

  constructor({ deadLetters, isShared, flows, ...options }: DispatcherOptions) {
    this.#telling = flows && new FlowTelling(flows);
    this.#isShared = isShared;
    this.#services = {
      ...options,
      deadlines: this.#deadlines,
      own: this.#own,
      telling: this.#telling,
      tellUnsent: (error) => {
        if (!(error instanceof LoopError)) options.log.problem("warn", error);
      },
      watch: new StallWatch(options.log),
      isHandled: (topic, pattern) => {
        return (!pattern || this.#registry.meets(pattern)) && this.#registry.has(topic);
      },
      hooks: () => this.#hooks,
      stopping: this.#stopping.signal,
      runs: new Set(),
      signal: this.#stop.signal,
    };
    this.#deadLettering = new DeadLettering(deadLetters, this.#services);
  }

  get workers(): readonly Worker[] {
    return [...this.#workers.values()];
  }

  /** How late timers are: whether the event loop keeps up. */
  get lags(): Histogram {
    return this.#services.watch.lags;
  }

  /** Whether some handler runs now; what waits for its retry does not. */
  get isBusy(): boolean {
    return this.workers.some(({ load }) => load.running > 0);
  }

  /** Whether some handler listens on the topic. */
  isHandled(topic: string): boolean {
    return this.#registry.find(topic).length > 0;
  }

  /**
   * Puts these handlers in place of those before. A handler whose name and filter were there
   * before goes on as it was, with its new code; `generation` is when the others are new.
   */
  replace({ handlers, hooks }: HandlerSet, generation: number): Change {
    const before = this.#workers;
    const fresh: Worker[] = [];
    this.#workers = new Map(
      handlers.map((named) => {
        const known = before.get(named.name);
        if (known && filterOf(known.named) === filterOf(named)) {
          known.replace(named);
          before.delete(named.name);
          return [named.name, known];
        }
        const worker = new Worker(named, generation, this.#services);
        fresh.push(worker);
        return [named.name, worker];
      }),
    );
    for (const worker of before.values()) this.#see(worker);
    this.#hooks = hooks;
    if (this.#isShared) this.#warnOfGroup();
    this.#registry = createRegistry(
      this.workers.map((item) => ({ item, pattern: item.named.handler.topic.pattern })),
    );
    return {
      subscriptions: this.workers.map(toSubscription),
      fresh: fresh.map(toSubscription),
    };
  }

  /** A message that this bridge publishes by another way, as over HTTP; `sent` is its fate. */
  notePublish(
    message: OutgoingMessage,
    sent: Promise<unknown>,
    from?: { readonly toSender: () => FlowSender | undefined; readonly isCall: boolean },
  ): void {
    if (!this.#registry.has(message.topic)) return;
    const origin = from && this.#telling?.watch(from.toSender, from.isCall, sent);
    this.#own.add(message, createLineage(origin));
    sent.catch(() => this.#own.forget(message));
  }

  /** What a client of the embedded broker has published. */
  noteClient(message: OutgoingMessage, clientId: string | undefined): void {
    if (this.#telling && this.isHandled(message.topic)) this.#telling.noteClient(message, clientId);
  }

  /**
   * Runs until `messages` ends and every handler has finished. `onMessage` is called for each
   * message that came in, before its handlers.
   */
  async run(
    messages: AsyncIterable<Delivery>,
    onMessage: (topic: string, message: Message) => void = () => {},
  ): Promise<void> {
    for await (const delivery of messages) {
      onMessage(delivery.message.topic, delivery.message);
      this.#dispatch(delivery);
    }
    this.#stopping.abort();
    await Promise.all([...this.#workers.values(), ...this.#leaving].map((one) => one.idle()));
    await this.#deadLettering.idle();
    this.#deadlines[Symbol.dispose]();
    this.#services.watch[Symbol.dispose]();
  }

  /** Running handlers are not waited for any longer: what they did not finish comes again. */
  stop(): void {
    this.#stopping.abort();
    this.#stop.abort();
    for (const run of this.#services.runs) run.abort(this.#stop.signal.reason);
  }

  /**
   * Runs a dead letter's handler again for it; then the letter is gone. Rejects with
   * `dead_letter_unknown`, `handler_unknown`, `link_closed`, or the new failure.
   */
  redrive(id: number): Promise<void> {
    return this.#deadLettering.redrive(id, (handler, message) => {
      const matches = this.#registry.find(message.topic);
      const match = matches.find(({ item }) => item.named.name === handler);
      if (!match) return undefined;
      const flow = this.#telling?.beginRedrive(message, id);
      const branch = flow?.join(handler);
      return new Promise((resolve) => {
        const settle = (outcome: Outcome) => {
          branch?.close();
          resolve(outcome);
        };
        match.item.accept({ message, lineage: undefined, branch, settle }, match.params);
      });
    });
  }

  #dispatch(delivery: Delivery): void {
    const { message, done } = delivery;
    const own = this.#own.take(message);
    const all = this.#registry.find(message.topic);
    // Within a group, our own may have gone to another, and an equal one of a device come here.
    const isOwn = own !== undefined && !this.#isShared;
    const isPlain = !own && !message.retain;
    const matches = isPlain ? all : all.filter(({ item }) => isMeant(item, delivery, isOwn));
    if (all.length === 0) this.#services.log.debug(() => `no handler for ${message.topic}`);
    let left = matches.length;
    if (left === 0) return done();
    const flow = this.#telling?.begin(message, own);
    const countDown = () => {
      left -= 1;
      if (left === 0) done();
    };
    const finish = left === 1 ? done : countDown;
    for (const match of matches) {
      const branch = flow?.join(match.item.named.name);
      this.#give(match, { message, lineage: own, branch }, finish);
    }
  }

  #give({ item, params }: Match<Worker>, job: Omit<Job, "settle">, finish: () => void): void {
    const settle = (outcome: Outcome) => {
      if (outcome.kind === "handled") finish();
      if (outcome.kind !== "failed") return job.branch?.close();
      // What else comes of a loop is the same story; one dead letter tells it.
      if (isToldLoop(outcome.error)) {
        job.branch?.close();
        return finish();
      }
      void this.#deadLettering.put(item, job.message, outcome).then((id) => {
        if (id !== undefined) job.branch?.bury(id);
        job.branch?.close();
        if (id !== undefined) finish();
      });
    };
    item.accept({ ...job, settle }, params);
  }

  #warnOfGroup(): void {
    const spared = this.workers.filter(({ named }) => named.handler.options.noLocal);
    if (spared.length === 0) return;
    const names = spared.map(({ named }) => named.name).join(", ");
    this.#services.log.warn(`noLocal means nothing within a group: ${names}`);
  }

  #see(worker: Worker): void {
    this.#leaving.add(worker);
    void worker.idle().then(() => this.#leaving.delete(worker));
  }
}
