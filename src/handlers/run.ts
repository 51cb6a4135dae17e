// One run of a handler for one message: the context that the handler is given, and what it
// publishes, asks and answers through it. Made by worker, anew for each attempt.

import { ViadutoError } from "../lib/errors.ts";
import { type Logger, withFields } from "../lib/log.ts";
import type { TraceContext } from "../lib/trace-context.ts";
import type { Span } from "../lib/tracer.ts";
import type { LinkPublishOptions } from "../link/link-options.ts";
import type { PublishOwner } from "../link/outbox-entry.ts";
import type { FlowBranch, FlowPublish } from "../store/flow.ts";
import type { AnyHandler, Context } from "../topics/handler.ts";
import type { Message, OutgoingMessage, PublishResult } from "../topics/message.ts";
import { toOutgoing, toReplyTopic } from "../topics/outgoing.ts";
import { checkTopic, type Params, type Pattern } from "../topics/pattern.ts";
import type { Publish, Request, Topic } from "../topics/topic.ts";
import { arrivedTraceOf, carryTrace } from "../topics/traced-message.ts";
import { createLineage, type Lineage } from "./lineage.ts";
import { LoopError } from "./loop-error.ts";
import type { Services } from "./services.ts";
import { createRequest } from "./typed-client.ts";
import { WatchedPromise } from "./watched-promise.ts";

/** A message as its handler takes it. */
export type Task = {
  /** The version of the handler for which payload and parameters were made. */
  readonly handler: AnyHandler;
  readonly payload: unknown;
  readonly params: Params;
  readonly message: Message;
  /** Undefined for a message that is not our own. */
  readonly lineage: Lineage | undefined;
  /** Undefined when the message's flow is not told. */
  readonly branch: FlowBranch | undefined;
};

/** Longest payload that the log tells whole, bytes. */
const STORY_BYTES_MAX = 1_500;
/** The asker's mistakes, which are no failure of the handler that answers. */
const ANSWER_REFUSED = new Set([
  "publish_refused",
  "topic_refused",
  "topic_invalid",
  "packet_too_large",
  "publish_too_large",
]);

export class Run implements Context, PublishOwner {
  readonly payload: unknown;
  readonly params: Params;
  readonly topic: string;
  readonly message: Message;
  readonly attempt: number;
  readonly log: Logger;
  readonly publish: Publish;
  /** Of the handler. */
  readonly name: string;
  /** What the run has not sent by then is not sent any more. */
  isEnded = false;
  readonly #services: Services;
  readonly #task: Task;
  readonly #sent: WatchedPromise<unknown>[] = [];
  /** Where what it publishes to own handlers comes from. */
  #lineage: Lineage | undefined;
  /** Goes with what it sends: that of its span, or when nobody traces that of its message. */
  readonly #trace: TraceContext | undefined;
  #abort: AbortController | undefined;
  #reason: ViadutoError | undefined;

  constructor(services: Services, name: string, task: Task, attempt: number, span?: Span) {
    this.payload = task.payload;
    this.params = task.params;
    this.topic = task.message.topic;
    this.message = task.message;
    this.attempt = attempt;
    this.log = span
      ? withFields(services.log, { trace_id: span.traceId, span_id: span.spanId })
      : services.log;
    this.#trace = span ? span.context : arrivedTraceOf(task.message);
    this.#services = services;
    this.#task = task;
    this.#lineage = task.lineage;
    this.name = name;
    // A function of its own: handlers take it out of their context.
    this.publish = ((topic: Topic, ...rest: readonly unknown[]) => {
      return this.#watch(this.#publish(topic, rest));
    }) as Publish;
  }

  get request(): Request {
    const { limits } = this.#services;
    const request = createRequest((message, options) => {
      return this.#tell(message, { isReply: false, isCall: true }, async (told) => {
        this.#note(message, told);
        return this.#services.request(carryTrace(message, this.#trace), options);
      });
    }, limits.requestTimeoutMs);
    return ((...given: Parameters<Request>) => this.#watch(request(...given))) as Request;
  }

  /** Made when a handler asks for it: most do not, and it is dear. */
  get signal(): AbortSignal {
    this.#abort ??= this.#createAbort();
    return this.#abort.signal;
  }

  /** Publishes the result as the answer, where the message or its topic says where to. */
  async answer(result: unknown): Promise<void> {
    const { handler, params, message } = this.#task;
    const { responseTopic, correlationData } = message.properties ?? {};
    const topic = responseTopic ?? toReplyTopic(handler.topic, params);
    if (topic === undefined) return;
    const answer: OutgoingMessage = {
      topic,
      payload: handler.topic.reply.codec.encode(result),
      qos: 1,
      retain: false,
      ...(correlationData && { properties: { correlationData } }),
    };
    try {
      checkTopic(topic);
      // The asker's topic stands as it is: it is not below our origin.
      const isAbsolute = responseTopic !== undefined;
      await this.#send(answer, { isAbsolute, owner: this }, { isReply: true });
    } catch (error) {
      if (!(error instanceof ViadutoError) || !ANSWER_REFUSED.has(error.code)) throw error;
      this.log.problem("warn", error);
    }
  }

  /**
   * Resolves when all is settled that the handler has sent, and rejects when something failed whose
   * result the handler did not take. What it took is its own affair.
   */
  async settled(): Promise<void> {
    for (const { outcome, isTaken } of this.#sent) {
      if (!isTaken) await outcome;
      else if (Bun.peek.status(outcome) === "pending") await outcome.catch(() => {});
    }
  }

  /**
   * The run is over: what it still publishes fails, so that no late answer follows a retry's. With
   * a reason it was cut short, and its signal tells.
   */
  end(reason?: ViadutoError): void {
    this.isEnded = true;
    this.#reason ??= reason;
    if (!this.#abort) return;
    this.#services.runs.delete(this.#abort);
    if (reason) this.#abort.abort(reason);
  }

  // AbortSignal.any would keep every listener of every run for as long as the bridge lives.
  #createAbort(): AbortController {
    const { runs, signal } = this.#services;
    const abort = new AbortController();
    if (this.#reason ?? signal.aborted) abort.abort(this.#reason ?? signal.reason);
    else if (!this.isEnded) runs.add(abort);
    return abort;
  }

  #watch<T>(outcome: Promise<T>): WatchedPromise<T> {
    outcome.catch(this.#services.tellUnsent);
    const sent = new WatchedPromise(outcome);
    this.#sent.push(sent);
    return sent;
  }

  #publish(topic: Topic, rest: readonly unknown[]): Promise<PublishResult> {
    try {
      const { message, options } = toOutgoing(topic, rest);
      const { token, timeout: timeoutMs } = options;
      const pattern = topic.pattern.text;
      const how = { token, timeoutMs, owner: this, pattern };
      return this.#send(message, how, { isReply: false, pattern: topic.pattern });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #send(
    message: OutgoingMessage,
    options: LinkPublishOptions,
    { isReply, pattern }: { readonly isReply: boolean; readonly pattern?: Pattern },
  ): Promise<PublishResult> {
    return this.#tell(message, { isReply, isCall: false }, async (told) => {
      const isOwn = this.#note(message, told, pattern);
      try {
        const result = await this.#services.publish(carryTrace(message, this.#trace), options);
        this.log.info(() => `${message.topic} <- ${toStory(message.payload)}`);
        return result;
      } catch (error) {
        if (isOwn) this.#services.own.forget(message);
        throw error;
      }
    });
  }

  /** Sends by `send`, and tells the message's flow of it and of its fate. */
  #tell<T>(
    { topic, qos, retain }: OutgoingMessage,
    what: Pick<FlowPublish, "isReply" | "isCall">,
    send: (told: FlowPublish | undefined) => Promise<T>,
  ): Promise<T> {
    const { telling } = this.#services;
    const { branch } = this.#task;
    const told = branch?.publish({ topic, qos, retain, ...what });
    const sent = send(told);
    if (branch && told && telling) telling.follow(branch, told, sent);
    return sent;
  }

  // Whatever leaves passes here first. Whether a handler of this bridge will get it.
  #note(message: OutgoingMessage, told: FlowPublish | undefined, pattern?: Pattern): boolean {
    const { topic } = message;
    if (this.isEnded) throw new ViadutoError("run_ended", { handler: this.name, topic });
    const { own, isHandled, limits, telling } = this.#services;
    if (!isHandled(topic, pattern)) return false;
    this.#lineage ??= createLineage();
    const { hops, family } = this.#lineage;
    const origin = telling?.toOrigin(this.name, this.#task.branch, told);
    const lineage = { hops: hops + 1, family, origin };
    family.size += 1;
    const reason = findLoop(lineage, limits);
    if (reason) throw new LoopError({ topic, reason }, family);
    own.add(message, lineage);
    return true;
  }
}

function findLoop({ hops, family }: Lineage, limits: Services["limits"]): string | undefined {
  if (hops > limits.hopsMax) return `the message has passed ${hops - 1} handlers of this bridge`;
  if (family.size > limits.familyMax) return `${family.size - 1} messages have come of one`;
  return undefined;
}

/** A payload as the log tells it: text, cut when it is long. */
export function toStory(payload: Buffer): string {
  const text = payload.toString("utf8", 0, STORY_BYTES_MAX);
  const left = payload.length - STORY_BYTES_MAX;
  return left > 0 ? `${text}… (${left} more bytes)` : text;
}
