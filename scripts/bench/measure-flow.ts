// One measurement of the broker's benchmark: the load generator against a broker.

import { join } from "node:path";
import type { Stage } from "./contestants.ts";
import type { FlowOrder, FlowResult } from "./flow-order.ts";
import type { Subject } from "./subjects.ts";

export type Flow = {
  readonly deliveriesPerSecond: number;
  /** CPU time in microseconds per delivery: of the broker alone, and of the generator. */
  readonly brokerCpu: number;
  readonly generatorCpu: number;
  /** Shares of one core. */
  readonly brokerBusy: number;
  readonly generatorBusy: number;
  readonly outOfOrder: number;
  readonly lost: number;
};

export type Load = Omit<FlowOrder, "port" | "pids">;

const GENERATOR_TIMEOUT_MS = 300_000;

/** Throws with the generator's words when it fails. */
export async function measureFlow(subject: Subject, load: Load, stage: Stage): Promise<Flow> {
  const order: FlowOrder = { ...load, port: subject.port, pids: [subject.pid] };
  const command = [process.execPath, join(import.meta.dir, "flow.ts"), JSON.stringify(order)];
  const generator = stage.children.start(`the generator against ${subject.name}`, command);
  const result: FlowResult = JSON.parse(await generator.output(GENERATOR_TIMEOUT_MS));
  const { deliveries, seconds, cpuMs, generatorCpuMs, outOfOrder, lost } = result;
  const brokerCpuMs = cpuMs[0] ?? Number.NaN;
  return {
    deliveriesPerSecond: deliveries / seconds,
    brokerCpu: (brokerCpuMs * 1000) / deliveries,
    generatorCpu: (generatorCpuMs * 1000) / deliveries,
    brokerBusy: brokerCpuMs / 1000 / seconds,
    generatorBusy: generatorCpuMs / 1000 / seconds,
    outOfOrder,
    lost,
  };
}
