// The way into the dead letters and back: a message that could not be handled is put there before
// it is acknowledged, and is run again when somebody asks for it.

import { joinSentences, ViadutoError } from "../lib/errors.ts";
import type { DeadLetters, NewDeadLetter } from "../store/dead-letters.ts";
import type { Message } from "../topics/message.ts";
import type { Services } from "./services.ts";
import type { Outcome, Worker } from "./worker.ts";

type Failure = Extract<Outcome, { kind: "failed" }>;
/** Runs a message through the handler of that name; undefined when there is none for it. */
type Again = (handler: string, message: Message) => Promise<Outcome> | undefined;

/** Wait between attempts to write: room may be made on a disk that is full. */
const RETRY_MS = 1_000;

export class DeadLettering {
  readonly #letters: DeadLetters;
  readonly #services: Pick<Services, "log" | "clock" | "stopping">;
  /** By id, the redrives under way: two at once would run the handler twice. */
  readonly #redrives = new Map<number, Promise<void>>();
  readonly #puts = new Set<Promise<number | undefined>>();

  constructor(letters: DeadLetters, services: Pick<Services, "log" | "clock" | "stopping">) {
    this.#letters = letters;
    this.#services = services;
  }

  /**
   * Resolves to the letter's id when the message is on disk, and to undefined when the bridge stops
   * before: then it must not be acknowledged.
   */
  put(worker: Worker, message: Message, failure: Failure): Promise<number | undefined> {
    const putting = this.#put(worker, message, failure).finally(() => this.#puts.delete(putting));
    this.#puts.add(putting);
    return putting;
  }

  /** Resolves when nothing is on its way to the disk. */
  async idle(): Promise<void> {
    await Promise.all(this.#puts);
  }

  async #put({ named, figures }: Worker, message: Message, failure: Failure) {
    const { log, clock, stopping } = this.#services;
    const { error } = failure;
    const letter = { handler: named.name, message, ...toFacts(failure) };
    for (;;) {
      try {
        const id = await this.#letters.put(letter);
        figures.deadLetters += 1;
        // What does not fit is the sender's mistake.
        const level = error.code === "payload_invalid" ? "warn" : "error";
        const words = joinSentences(
          error.message,
          `it is dead letter ${id}: viaduto dead show ${id}`,
        );
        log[level](words, { code: error.code, dead_letter: id });
        return id;
      } catch (thrown) {
        log.problem("error", thrown);
        if (stopping.aborted) return undefined;
        await clock.wait(RETRY_MS, stopping);
      }
    }
  }

  /**
   * Runs the handler again for a dead letter, which is gone afterwards. Rejects with
   * `dead_letter_unknown`, `handler_unknown`, `link_closed`, or the new failure.
   */
  redrive(id: number, again: Again): Promise<void> {
    const underWay = this.#redrives.get(id);
    if (underWay) return underWay;
    const redrive = this.#redrive(id, again).finally(() => this.#redrives.delete(id));
    this.#redrives.set(id, redrive);
    return redrive;
  }

  async #redrive(id: number, again: Again): Promise<void> {
    const letter = this.#letters.get(id);
    if (!letter) throw new ViadutoError("dead_letter_unknown", { id });
    const { handler, message } = letter;
    const outcome = await again(handler, message);
    if (!outcome) throw new ViadutoError("handler_unknown", { handler });
    if (outcome.kind === "unfinished") throw new ViadutoError("link_closed");
    if (outcome.kind === "handled") {
      this.#letters.remove(id);
      return;
    }
    const attempts = letter.attempts + outcome.attempts;
    this.#letters.update(id, { ...toFacts(outcome), attempts });
    this.#services.log.warn(`dead letter ${id} failed again: ${outcome.error.message}`);
    throw outcome.error;
  }
}

function toFacts({ error, attempts }: Failure): Omit<NewDeadLetter, "handler" | "message"> {
  const { code, facts, message, cause } = error;
  const stack = cause instanceof Error ? cause.stack : undefined;
  return {
    code,
    reason: String(facts.reason ?? message),
    attempts,
    ...(facts.path !== undefined && { path: String(facts.path) }),
    ...(stack !== undefined && code === "handler_failed" && { stack }),
  };
}
