// The embedded broker alone, in this process, on free ports: for tests that talk to it in bytes.

import { type Broker, openBroker } from "../../src/broker/broker.ts";
import type { Publication } from "../../src/broker/publication.ts";
import { createLogger } from "../../src/lib/log.ts";
import { type BrokerTestOptions, toTestOptions } from "./broker-settings.ts";
import { connectPacket, connectRaw, type ProtocolVersion, type RawClient } from "./raw-client.ts";
import { before, createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type EmbeddedBroker = AsyncDisposable & {
  readonly broker: Broker;
  readonly port: number;
  readonly wsPort: number;
  /** Log lines so far, debug included. */
  readonly logLines: readonly string[];
  /** The first line that matches, now or later; `from` skips that many lines. */
  waitForLog(pattern: RegExp, from?: number): Promise<string>;
  /** Resolves when so many connections are open; there is no event for it, so it looks again. */
  waitForConnections(count: number): Promise<void>;
  /** Every message that a client or a will has published. */
  readonly published: readonly Publication[];
  /** A connection that the broker has accepted with a CONNACK. */
  connect(clientId: string, more?: ConnectMore): Promise<RawClient>;
};

export type ConnectMore = Partial<Parameters<typeof connectPacket>[2]> & {
  readonly version?: ProtocolVersion;
};

const LOOK_MS = 5;

export async function startEmbedded(options: BrokerTestOptions = {}): Promise<EmbeddedBroker> {
  await using stack = new AsyncDisposableStack();
  const log = createBrokerLog();
  const published: Publication[] = [];
  const broker = stack.use(
    await openBroker(
      toTestOptions({
        connectTimeoutMs: WAIT_TIMEOUT_MS,
        onPublish: (publication) => published.push(publication),
        ...options,
        log: log.logger,
      }),
    ),
  );
  const { mqttPort: port, wsPort = 0 } = stack.use(await broker.listen());
  const owned = stack.move();
  return {
    broker,
    port,
    wsPort,
    logLines: log.lines,
    waitForLog: log.waitFor,
    waitForConnections: (count) => waitForConnections(broker, count),
    published,
    connect: (clientId, more) => connectAccepted(port, clientId, more),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function waitForConnections(broker: Broker, count: number): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const look = () => {
    if (broker.connectionCount === count) seen.resolve();
  };
  const timer = setInterval(look, LOOK_MS);
  const toError = () => new Error(`${broker.connectionCount} connections are open, not ${count}`);
  await before(WAIT_TIMEOUT_MS, seen.promise, toError).finally(() => clearInterval(timer));
}

async function connectAccepted(
  port: number,
  clientId: string,
  { version = 5, ...more }: ConnectMore = {},
): Promise<RawClient> {
  const client = await connectRaw(port, { version });
  client.sendPacket(connectPacket(version, clientId, more));
  const { returnCode = 0, reasonCode = 0 } = await client.next("connack");
  if (returnCode + reasonCode > 0) throw new Error(`CONNACK says ${returnCode + reasonCode}`);
  return client;
}

/** A client that shows, again and again, that the broker still serves others. */
export type Witness = AsyncDisposable & {
  /** Publishes to itself: SUBSCRIBE, PUBLISH, PUBACK and the delivery all have to work. */
  check(): Promise<void>;
};

export async function connectWitness(broker: EmbeddedBroker): Promise<Witness> {
  const client = await broker.connect("witness");
  const subscriptions = [{ topic: "witness", qos: 1 as const }];
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
  await client.next("suback");
  let count = 0;
  return {
    async check() {
      count += 1;
      const payload = `alive ${count}`;
      const head = { cmd: "publish", topic: "witness", messageId: 1 + count } as const;
      client.sendPacket({ ...head, payload, qos: 1, dup: false, retain: false });
      const [delivery] = await Promise.all([client.next("publish"), client.next("puback")]);
      if (delivery.payload.toString() !== payload) throw new Error("the witness got another's");
      client.sendPacket({ cmd: "puback", messageId: delivery.messageId ?? 0 });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function createBrokerLog() {
  const lines: string[] = [];
  const changes = createChanges();
  const writer = {
    write(line: string) {
      lines.push(line);
      changes.announce();
    },
    flush: async () => {},
  };
  const options = { name: "Broker", level: "debug", format: "text", colour: false } as const;
  return {
    lines,
    logger: createLogger({ ...options, writer }),
    waitFor(pattern: RegExp, from = 0) {
      const toError = () => new Error(`no ${pattern} in the log:\n${lines.join("\n")}`);
      return changes.wait(
        () => lines.slice(from).find((line) => pattern.test(line)),
        WAIT_TIMEOUT_MS,
        toError,
      );
    },
  };
}
