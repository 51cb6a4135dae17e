// One handler at work: it takes messages in the order of their keys, tries again what failed, and
// tells in the end what became of each. Made by dispatcher; it outlives the versions of its file.

import { toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { FlowBranch } from "../store/flow.ts";
import { type AnyHandler, type NamedHandler, type Retries, toRetries } from "../topics/handler.ts";
import type { Message } from "../topics/message.ts";
import { matchPattern, type Params } from "../topics/pattern.ts";
import { Figures } from "./figures.ts";
import { Lanes, type Rest } from "./lanes.ts";
import type { Lineage } from "./lineage.ts";
import { startProcessing } from "./processing-span.ts";
import { toHandlerRetryDelayMs } from "./retry-delay.ts";
import { Run, type Task, toStory } from "./run.ts";
import type { Services } from "./services.ts";

export type Outcome =
  | { readonly kind: "handled" }
  /** The payload does not fit, or the handler still failed at its last attempt. */
  | { readonly kind: "failed"; readonly error: ViadutoError; readonly attempts: number }
  /** The bridge stops: nothing was decided. */
  | { readonly kind: "unfinished" };

export type Job = {
  readonly message: Message;
  readonly lineage: Lineage | undefined;
  /** The handler's part of the message's flow, when that is told. */
  readonly branch: FlowBranch | undefined;
  /** Called once, with what became of the message. */
  readonly settle: (outcome: Outcome) => void;
};

/** Does something in a run, and ends with its failure or undefined. Never rejects. */
type Act = (
  run: Run,
  handler: AnyHandler,
  end: (failure: ViadutoError | undefined) => void,
) => Promise<void>;

const HANDLED: Outcome = { kind: "handled" };
const UNFINISHED: Outcome = { kind: "unfinished" };

export class Worker {
  readonly figures = new Figures();
  /** The generation of the link's subscriptions in which the handler was new. */
  readonly generation: number;
  readonly #services: Services;
  readonly #lanes: Lanes;
  #named: NamedHandler;

  constructor(named: NamedHandler, generation: number, services: Services) {
    this.#named = named;
    this.generation = generation;
    this.#services = services;
    this.#lanes = new Lanes(this.#concurrency);
  }

  get named(): NamedHandler {
    return this.#named;
  }

  /** Runs and messages that wait for one. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#lanes.running, waiting: this.#lanes.waiting };
  }

  /** A new version: what runs finishes on the old one, what begins from now on is run by this. */
  replace(named: NamedHandler): void {
    this.#named = named;
    this.#lanes.concurrency = this.#concurrency;
  }

  /** Puts the message into the lane of its key. */
  accept(job: Job, params: Params): void {
    const { message, lineage, branch, settle } = job;
    const { handler } = this.#named;
    const { topic } = message;
    const refuse = (error: ViadutoError) => {
      this.figures.fail(topic, error, branch?.flow.id);
      branch?.refuse(error);
      const { tracer } = this.#services;
      if (tracer) startProcessing(tracer, this.#named.name, { handler, message }, 0).end(error);
      settle({ kind: "failed", error, attempts: 0 });
    };
    this.figures.received += 1;
    this.figures.recent.addMessage(performance.now());
    let payload: unknown;
    try {
      payload = handler.topic.codec.decode(message.payload);
    } catch (error) {
      return refuse(toViadutoError(error));
    }
    let key: string;
    try {
      key = handler.options.key?.({ payload, params, topic }) ?? topic;
    } catch (cause) {
      return refuse(this.#toFailure(topic, cause));
    }
    const task: Task = { handler, payload, params, message, lineage, branch };
    this.#services.log.info(() => `${topic} -> ${toStory(message.payload)}`);
    this.#lanes.add(key, (rest) => this.#work(task, settle, rest));
  }

  /** Resolves when every message is settled. */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  async #work(accepted: Task, settle: Job["settle"], rest: Rest): Promise<void> {
    const { signal, stopping, clock, log } = this.#services;
    for (let attempt = 1; ; attempt++) {
      // Nobody waits any longer: what has not begun stays unacknowledged, and comes again.
      if (signal.aborted) return settle(UNFINISHED);
      const task = this.#renew(accepted, attempt);
      const failure = await this.#attempt(task, attempt);
      if (!failure) {
        this.figures.handled += 1;
        return settle(HANDLED);
      }
      if (signal.aborted) return settle(UNFINISHED);
      const retries = toRetries(task.handler.options);
      const isLast = attempt > retries.times || !this.#isWorthRetry(failure, retries);
      await this.#tellHooks(task, attempt, failure, isLast);
      if (isLast) return settle({ kind: "failed", error: failure, attempts: attempt });
      const delayMs = toHandlerRetryDelayMs(retries, attempt, Math.random());
      const count = `attempt ${attempt} of ${retries.times + 1}`;
      log.warn(`${failure.message} (${count}); trying again in ${delayMs} ms`);
      await rest(clock.wait(delayMs, stopping));
      // A broker that keeps the message delivers it again; with the embedded one it would be lost.
      if (stopping.aborted && this.#services.isKept) return settle(UNFINISHED);
      if (stopping.aborted) return settle({ kind: "failed", error: failure, attempts: attempt });
      this.figures.retried += 1;
      task.branch?.retry();
    }
  }

  async #attempt(task: Task, attempt: number): Promise<ViadutoError | undefined> {
    const { tracer, watch } = this.#services;
    const span = tracer && startProcessing(tracer, this.#named.name, task, attempt);
    const run = new Run(this.#services, this.#named.name, task, attempt, span);
    watch.note(this);
    const startedAtMs = performance.now();
    task.branch?.begin(attempt, startedAtMs);
    const failure = await this.#finish(run, task.handler, this.#call);
    const endedAtMs = performance.now();
    task.branch?.end(failure, endedAtMs);
    this.figures.durations.add((endedAtMs - startedAtMs) / 1000);
    this.figures.recent.addRun(endedAtMs - startedAtMs);
    if (failure) this.figures.fail(run.topic, failure, task.branch?.flow.id);
    span?.end(failure);
    return failure;
  }

  readonly #call: Act = async (run, { run: handle, options }, end) => {
    try {
      const hooks = this.#services.hooks();
      for (const { before } of hooks) if (before) await before(run);
      if (options.before) await options.before(run);
      const result = await handle(run);
      if (options.after) await options.after(run, result);
      for (const { after } of hooks) if (after) await after(run, result);
      if (result !== undefined) await run.answer(result);
      await run.settled();
      end(undefined);
    } catch (cause) {
      end(this.#toFailure(run.topic, cause));
    }
  };

  // A hook may publish, for instance that something failed: its run is another than the failed one.
  async #tellHooks(task: Task, attempt: number, failure: ViadutoError, isLast: boolean) {
    const { handler } = task;
    const hooks = [handler.options, ...this.#services.hooks()];
    if (hooks.every(({ onError }) => !onError)) return;
    const tell: Act = async (run, _handler, end) => {
      try {
        for (const { onError } of hooks) await onError?.(run, failure.cause ?? failure, isLast);
        await run.settled();
        end(undefined);
      } catch (cause) {
        end(this.#toFailure(run.topic, cause));
      }
    };
    const run = new Run(this.#services, this.#named.name, task, attempt);
    const problem = await this.#finish(run, handler, tell);
    // The message has its fate already.
    if (problem) this.#services.log.warn(`in onError: ${problem.message}`);
  }

  /** The failure of what a run does, or undefined. It is over at its deadline, come what may. */
  async #finish(run: Run, handler: AnyHandler, act: Act): Promise<ViadutoError | undefined> {
    const { deadlines, limits } = this.#services;
    const timeoutMs = handler.options.timeout ?? limits.handlerTimeoutMs;
    const { promise, resolve } = Promise.withResolvers<ViadutoError | undefined>();
    const deadline = deadlines.add(timeoutMs, () => {
      resolve(new ViadutoError("handler_timeout", { handler: this.#named.name, timeoutMs }));
    });
    void act(run, handler, resolve);
    const failure = await promise;
    deadlines.remove(deadline);
    run.end(failure);
    return failure;
  }

  #isWorthRetry({ code, cause }: ViadutoError, { when }: Required<Retries>): boolean {
    if (code === "handler_loop") return false;
    try {
      return when(cause);
    } catch (thrown) {
      this.#services.log.warn(`retries.when of ${this.#named.name} failed: ${toReason(thrown)}`);
      return true;
    }
  }

  // A retry is given the payload anew, whatever the failed run did to it. And a file may have been
  // corrected while a message waited: it is run by what is there now. Where that does not fit the
  // message, the version for which it came is right.
  #renew(task: Task, attempt: number): Task {
    const { handler } = this.#named;
    if (handler === task.handler && attempt === 1) return task;
    const params = matchPattern(handler.topic.pattern, task.message.topic);
    if (!params) return task;
    try {
      const payload = handler.topic.codec.decode(task.message.payload);
      return { ...task, handler, payload, params };
    } catch {
      return task; // Its new schema does not fit.
    }
  }

  #toFailure(topic: string, cause: unknown): ViadutoError {
    if (cause instanceof ViadutoError && OWN_CODES.has(cause.code)) return cause;
    const facts = { handler: this.#named.name, topic, reason: toReason(cause) };
    return new ViadutoError("handler_failed", facts, { cause });
  }

  get #concurrency(): number {
    return this.#named.handler.options.concurrency ?? this.#services.limits.concurrency;
  }
}

/** Failures that say themselves whose they are. */
const OWN_CODES: ReadonlySet<string> = new Set(["handler_timeout", "handler_loop"]);
