// The broker's guard over an aedes of its own and a pipe, for tests of what neither `openBroker`
// nor a socket shows: the order in which packets are handled, and the guard's own options.

import { Aedes } from "aedes";
import { type Packet, parser } from "mqtt-packet";
import { createGuard, type GuardOptions } from "../../src/broker/connection-guard.ts";
import { createPipe } from "../../src/broker/pipe.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type Guarded = AsyncDisposable & {
  send(...bytes: readonly Uint8Array[]): void;
  /** What aedes has sent, as bytes and as packets. */
  readonly sent: readonly Packet[];
  bytes(): string;
  waitForPacket(cmd: string): Promise<Packet>;
  readonly closed: Promise<void>;
  readonly aedes: Aedes;
  readonly errors: readonly string[];
};

export async function openGuarded(
  options: Partial<GuardOptions> = {},
  aedesOptions = {},
): Promise<Guarded> {
  const aedes = new Aedes({ topicAliasMaximum: 10, ...aedesOptions });
  await aedes.listen();
  const errors: string[] = [];
  aedes.on("clientError", (_client, error) => errors.push(error.message));
  aedes.on("connectionError", (_client, error) => errors.push(error.message));
  const [near, far] = createPipe();
  createGuard({ packetBytesMax: 1 << 20, ...options })(aedes.handle(far));
  const sent: Packet[] = [];
  const chunks: Buffer[] = [];
  const changes = createChanges();
  const parse = parser({ protocolVersion: 5 });
  parse.on("packet", (packet) => sent.push(packet));
  near.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    parse.parse(chunk);
    changes.announce();
  });
  const closed = new Promise<void>((resolve) => near.once("close", resolve));
  return {
    send: (...bytes) => void near.write(Buffer.concat(bytes)),
    sent,
    bytes: () => Buffer.concat(chunks).toString("hex"),
    waitForPacket: (cmd) => {
      const toError = () => new Error(`no ${cmd} came; errors: ${errors.join(", ")}`);
      return changes.wait(
        () => sent.find((packet) => packet.cmd === cmd),
        WAIT_TIMEOUT_MS,
        toError,
      );
    },
    closed,
    aedes,
    errors,
    async [Symbol.asyncDispose]() {
      near.destroy();
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}
