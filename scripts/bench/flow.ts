// The broker's load generator, a process of its own: publishers and subscribers on raw sockets. A
// publisher sends as its messages have come to all subscribers, so that no broker has to drop any.
// Started by measure-flow.ts with a FlowOrder as JSON; prints a FlowResult as JSON, or ends with
// exit code 1 and the reason.

import type { Connection } from "./connection.ts";
import type { FlowOrder, FlowResult } from "./flow-order.ts";
import { FlowPublisher } from "./flow-publisher.ts";
import { openFlowSubscriber } from "./flow-subscriber.ts";
import { readCpuMs } from "./proc.ts";

/** Without any packet for so long, it has failed. */
const PATIENCE_MS = 15_000;
/** Without any packet for so long, what is on its way is lost. */
const STALL_MS = 300;
const LOOK_MS = 50;

type Phase = "connecting" | "warm-up" | "settling" | "measured" | "draining" | "done";

class Flow {
  readonly #order: FlowOrder;
  readonly #finished = Promise.withResolvers<FlowResult>();
  readonly #publishers: readonly FlowPublisher[];
  readonly #ringLength: number;
  /** Of each message on its way: subscribers that have got it. */
  readonly #receipts: Uint16Array;
  readonly #slow: Connection[] = [];
  #phase: Phase = "connecting";
  #startedAt = 0;
  #readAt = 0;
  #deliveries = 0;
  #outOfOrder = 0;
  /** Messages that may still leave. */
  #budget = Number.POSITIVE_INFINITY;
  #cpuAtStart: readonly number[] = [];
  #deliveriesAtStart = 0;
  #result: Omit<FlowResult, "outOfOrder" | "lost"> | undefined;

  constructor(order: FlowOrder) {
    this.#order = order;
    const indexes = Array.from({ length: order.publishers }, (_, index) => index);
    this.#publishers = indexes.map((index) => new FlowPublisher(index, order));
    this.#ringLength = this.#publishers[0]?.ringLength ?? 0;
    this.#receipts = new Uint16Array(order.publishers * this.#ringLength);
  }

  async run(): Promise<FlowResult> {
    await this.#open();
    this.#phase = "warm-up";
    this.#startedAt = performance.now();
    this.#readAt = this.#startedAt;
    const timer = setInterval(() => this.#look(), LOOK_MS);
    this.#turn();
    const result = await this.#finished.promise;
    clearInterval(timer);
    return result;
  }

  async #open(): Promise<void> {
    const { subscribers, slowSubscribers } = this.#order;
    const ringLength = this.#ringLength;
    const common = { order: this.#order, ringLength, onRead: () => this.#turn() };
    for (let at = 0; at < subscribers; at++) {
      const onMessage = this.#count.bind(this);
      await openFlowSubscriber({ ...common, clientId: `bench-subscriber-${at}`, onMessage });
    }
    for (let at = 0; at < slowSubscribers; at++) {
      const clientId = `bench-slow-${at}`;
      this.#slow.push(await openFlowSubscriber({ ...common, clientId, onMessage: () => {} }));
    }
    for (const [index, publisher] of this.#publishers.entries()) {
      await publisher.open(index, () => this.#turn());
    }
  }

  #count(index: number, place: number, isInOrder: boolean): void {
    this.#deliveries += 1;
    if (!isInOrder) this.#outOfOrder += 1;
    const at = index * this.#ringLength + place;
    const receipts = (this.#receipts[at] ?? 0) + 1;
    const isComplete = receipts === this.#order.subscribers;
    this.#receipts[at] = isComplete ? 0 : receipts;
    if (isComplete) this.#publishers[index]?.complete(place);
  }

  // After each read the clock decides on the phase, and the windows on what leaves.
  #turn(): void {
    if (this.#phase === "connecting" || this.#phase === "done") return;
    this.#readAt = performance.now();
    this.#advance();
  }

  #advance(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { warmUpSeconds, length } = this.#order;
    if (this.#phase === "warm-up" && seconds >= warmUpSeconds) this.#endWarmUp();
    if (this.#phase === "settling" && this.#isEmpty()) this.#begin();
    if (this.#phase === "measured") {
      const isOver = "seconds" in length ? seconds >= length.seconds : this.#budget === 0;
      if (isOver && ("seconds" in length || this.#isEmpty())) this.#end();
    }
    if (this.#phase === "draining" && this.#deliveries === this.#wanted) this.#finish();
    for (const [index, publisher] of this.#publishers.entries()) {
      const first = index * this.#ringLength;
      this.#budget -= publisher.fill(this.#budget, (place, count) => {
        // What came of the message that was here before, when it came too late or not to all.
        this.#receipts.fill(0, first + place, first + place + count);
      });
    }
  }

  // A measurement in messages begins with none on its way.
  #endWarmUp(): void {
    if ("seconds" in this.#order.length) return this.#begin();
    this.#phase = "settling";
    this.#budget = 0;
  }

  #begin(): void {
    const { length } = this.#order;
    this.#phase = "measured";
    for (const slow of this.#slow) slow.pause();
    if ("messages" in length) this.#budget = length.messages;
    this.#cpuAtStart = this.#readCpu();
    this.#deliveriesAtStart = this.#deliveries;
    this.#startedAt = performance.now();
  }

  #end(): void {
    this.#phase = "draining";
    this.#budget = 0;
    const cpu = this.#readCpu().map((ms, at) => ms - (this.#cpuAtStart[at] ?? 0));
    this.#result = {
      deliveries: this.#deliveries - this.#deliveriesAtStart,
      seconds: (performance.now() - this.#startedAt) / 1000,
      cpuMs: cpu.slice(0, -1),
      generatorCpuMs: cpu.at(-1) ?? 0,
    };
  }

  #finish(): void {
    this.#phase = "done";
    const lost = this.#wanted - this.#deliveries;
    if (this.#result) {
      this.#finished.resolve({ ...this.#result, outOfOrder: this.#outOfOrder, lost });
    }
  }

  get #wanted(): number {
    const sent = this.#publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
    return sent * this.#order.subscribers;
  }

  #isEmpty(): boolean {
    return this.#publishers.every(({ outstanding }) => outstanding === 0);
  }

  #readCpu(): number[] {
    return [...this.#order.pids, process.pid].map(readCpuMs);
  }

  #look(): void {
    const quietMs = performance.now() - this.#readAt;
    if (quietMs > PATIENCE_MS) this.#fail("nothing comes any more");
    if (quietMs < STALL_MS) return;
    // Mosquitto with its defaults drops QoS 1 messages here, long before its queue is full.
    if (this.#phase === "draining") return this.#finish();
    for (const publisher of this.#publishers) publisher.writeOff();
    this.#advance();
  }

  #fail(reason: string): void {
    const open = this.#publishers.reduce((sum, { outstanding }) => sum + outstanding, 0);
    this.#finished.reject(new Error(`${reason} (${this.#phase}: ${open} messages on their way)`));
  }
}

// What a socket's callback throws ends up here.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});

try {
  const order: FlowOrder = JSON.parse(process.argv[2] ?? "{}");
  console.log(JSON.stringify(await new Flow(order).run()));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
