// The embedded broker behind its TLS doors: what came in by them, and as whom.

import { createEventLog } from "../../src/broker/event-log.ts";
import { openListeners } from "../../src/broker/listeners.ts";
import type { Peer } from "../../src/broker/peer.ts";
import { createLogger } from "../../src/lib/log.ts";
import { LISTENING } from "./broker-settings.ts";
import { type EmbeddedBroker, startEmbedded } from "./embedded-broker.ts";
import { createLogLines } from "./log-lines.ts";
import { makeTlsFolder, type TlsFolder } from "./tls-files.ts";
import { WAIT_TIMEOUT_MS } from "./waiting.ts";

export type SecureDoors = AsyncDisposable & {
  readonly broker: EmbeddedBroker;
  readonly files: TlsFolder;
  readonly tlsPort: number;
  readonly wssPort: number;
  /** Everyone who was let in, so far. */
  readonly peers: readonly Peer[];
  reloadCertificates(): void;
  /** Every log line so far. */
  readonly lines: readonly string[];
  waitForLine(pattern: RegExp): Promise<string>;
};

type Options = {
  /** Clients must show a certificate. */
  readonly asksForCertificate?: boolean;
  readonly connectTimeoutMs?: number;
  readonly connectionsMax?: number;
  readonly host?: string;
};

export async function openSecureDoors(options: Options = {}): Promise<SecureDoors> {
  await using stack = new AsyncDisposableStack();
  const { asksForCertificate = false, ...limits } = options;
  const files = stack.use(await makeTlsFolder());
  const broker = stack.use(await startEmbedded());
  const { writer, lines, waitForLine } = createLogLines();
  const head = { name: "Broker", level: "debug", format: "text", colour: false } as const;
  const events = stack.use(createEventLog(createLogger({ ...head, writer })));
  const peers: Peer[] = [];
  const listening = stack.use(
    await openListeners(
      {
        ...LISTENING,
        connectTimeoutMs: WAIT_TIMEOUT_MS,
        ...limits,
        wsPort: "off",
        tlsPort: 0,
        wssPort: 0,
        tls: {
          cert: files.cert,
          key: files.key,
          ...(asksForCertificate && { ca: files.clientAuthority }),
        },
        onTlsFailure: events.tlsFailed,
      },
      (stream, peer) => {
        peers.push(peer);
        broker.broker.accept(stream, peer);
      },
    ),
  );
  const owned = stack.move();
  return {
    broker,
    files,
    tlsPort: listening.tlsPort ?? 0,
    wssPort: listening.wssPort ?? 0,
    peers,
    reloadCertificates: listening.reloadCertificates,
    lines,
    waitForLine,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
