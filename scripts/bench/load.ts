// The load generator, a process of its own: one raw TCP connection that keeps a window of requests
// outstanding and counts answers. All packets of one read leave in one write. Started by measure.ts
// with a LoadOrder as JSON; prints a LoadResult as JSON, or ends with exit code 1 and the reason.

import { parseConnack } from "./connection.ts";
import { Latencies } from "./latencies.ts";
import type { LoadOrder, LoadResult } from "./load-order.ts";
import {
  ANSWER_FILTER,
  CONNACK,
  createPacketReader,
  encodeConnect,
  encodeSubscribe,
  FAILURE_MIN,
  PUBACK,
  PUBLISH,
  parsePublish,
  SUBACK,
} from "./mqtt-bytes.ts";
import { Output } from "./output.ts";
import { Outstanding } from "./outstanding.ts";
import { readCpuMs } from "./proc.ts";

/** How much longer than asked for it may take before that counts as a failure. */
const PATIENCE_MS = 15_000;

class Load {
  readonly #order: LoadOrder;
  readonly #finished = Promise.withResolvers<LoadResult>();
  readonly #latencies = new Latencies();
  readonly #output = new Output();
  readonly #outstanding: Outstanding;
  #phase: "connecting" | "warm-up" | "measured" | "draining" = "connecting";
  /** Of the phase, milliseconds. */
  #startedAt = 0;
  /** Of the last read, milliseconds. */
  #now = 0;
  /** Requests that the window has room for and the broker may not have. */
  #owed = 0;
  /** Requests without a PUBACK. */
  #unacknowledged = 0;
  /** How many of those the broker takes at a time. */
  #receiveMaximum = 0;
  #duplicates = 0;
  #cpuAtStart: readonly number[] = [];
  #result: LoadResult | undefined;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#outstanding = new Outstanding(order.window, order.requestTopic);
  }

  async run(): Promise<LoadResult> {
    const { port, warmUpSeconds, seconds } = this.#order;
    const cut = createPacketReader((...packet) => this.#receive(...packet));
    const limitMs = (warmUpSeconds + seconds) * 1000 + PATIENCE_MS;
    const timer = setTimeout(() => this.#fail("it takes too long"), limitMs);
    await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, chunk) => {
          this.#now = performance.now();
          try {
            cut(chunk);
          } catch (error) {
            this.#fail(error instanceof Error ? error.message : String(error));
          }
          this.#sendOwed();
          this.#output.flush(socket);
          this.#turn();
        },
        drain: (socket) => this.#output.flush(socket),
        close: () => this.#fail("the connection was closed"),
      },
    });
    const result = await this.#finished.promise;
    clearTimeout(timer);
    return result;
  }

  #open(socket: Bun.Socket): void {
    socket.setNoDelay(true);
    this.#output.append(encodeConnect(`viaduto-bench-${process.pid}`));
    this.#output.flush(socket);
  }

  #receive(first: number, bytes: Buffer, start: number, end: number): void {
    switch (first >> 4) {
      case PUBLISH:
        return this.#receiveAnswer(bytes, start);
      case PUBACK:
        // Without a reason code it is a success (MQTT 5 section 3.4.2.1).
        if (end - start > 2) checkReason("PUBACK", bytes[start + 2]);
        this.#unacknowledged -= 1;
        return;
      case CONNACK:
        checkReason("CONNACK", bytes[start + 1]);
        this.#receiveMaximum = parseConnack(bytes.subarray(start - 2, end)).receiveMaximum;
        return this.#output.append(encodeSubscribe(ANSWER_FILTER));
      case SUBACK:
        checkReason("SUBACK", bytes[end - 1]);
        return this.#start();
      default:
        throw new Error(`unexpected packet ${bytes.toString("hex", start - 2, end)}`);
    }
  }

  #start(): void {
    this.#phase = "warm-up";
    this.#startedAt = this.#now;
    this.#owed = this.#order.window;
  }

  #receiveAnswer(bytes: Buffer, start: number): void {
    const { identifier, payloadStart } = parsePublish(bytes, start);
    this.#output.appendPuback(identifier);
    const sentAt = this.#outstanding.settle(bytes, payloadStart);
    if (sentAt === 0) {
      this.#duplicates += 1;
      return;
    }
    this.#latencies.add(this.#now - sentAt);
    if (this.#phase !== "draining") this.#owed += 1;
  }

  // [MQTT-4.9.0-2] no more than the broker's Receive Maximum leave before they are acknowledged.
  #sendOwed(): void {
    for (; this.#owed > 0 && this.#unacknowledged < this.#receiveMaximum; this.#owed--) {
      this.#unacknowledged += 1;
      this.#output.append(this.#outstanding.next(this.#now));
    }
  }

  // After each read the clock decides on the phase.
  #turn(): void {
    const { warmUpSeconds, seconds } = this.#order;
    const passed = (this.#now - this.#startedAt) / 1000;
    if (this.#phase === "warm-up" && passed >= warmUpSeconds) this.#begin();
    else if (this.#phase === "measured" && passed >= seconds) this.#end();
    const isAnswered = this.#outstanding.size === 0 && this.#unacknowledged === 0;
    if (this.#result && isAnswered) this.#finished.resolve(this.#result);
  }

  #begin(): void {
    this.#phase = "measured";
    this.#duplicates = 0;
    this.#latencies.reset();
    this.#cpuAtStart = this.#readCpu();
    this.#startedAt = performance.now();
  }

  #end(): void {
    this.#phase = "draining";
    this.#owed = 0;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const cpu = this.#readCpu().map((ms, at) => ms - (this.#cpuAtStart[at] ?? 0));
    this.#result = {
      answers: this.#latencies.total,
      seconds,
      p50Ms: this.#latencies.percentile(0.5),
      p99Ms: this.#latencies.percentile(0.99),
      cpuMs: cpu.slice(0, -1),
      generatorCpuMs: cpu.at(-1) ?? 0,
      duplicates: this.#duplicates,
    };
  }

  #readCpu(): number[] {
    return [...this.#order.pids, process.pid].map(readCpuMs);
  }

  #fail(reason: string): void {
    const open = `${this.#outstanding.size} unanswered, ${this.#unacknowledged} unacknowledged`;
    this.#finished.reject(new Error(`${reason} (${this.#phase}: ${open})`));
  }
}

function checkReason(packet: string, reasonCode = 0): void {
  if (reasonCode < FAILURE_MIN) return;
  throw new Error(`${packet} refuses with 0x${reasonCode.toString(16)}`);
}

try {
  const order: LoadOrder = JSON.parse(process.argv[2] ?? "{}");
  console.log(JSON.stringify(await new Load(order).run()));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
