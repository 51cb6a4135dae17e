// Keeps the link connected: one connection after the other, to the brokers of the list in turn, for
// ever. Called by link.ts; what outlives a connection is kept by session and subscriptions.

import { setTimeout as sleep } from "node:timers/promises";
import { toViadutoError, type ViadutoError } from "../lib/errors.ts";
import { toRetryDelayMs } from "./backoff.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { FailureReport } from "./failure-report.ts";
import type { LinkOptions } from "./link-options.ts";
import type { Session } from "./session.ts";
import { VERSION_NAMES } from "./state.ts";
import type { Status } from "./status.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Target } from "./target.ts";
import { Versions } from "./versions.ts";
import type { Will } from "./will.ts";

export type ConnectionsOptions = Omit<LinkOptions, "subscriptions" | "will"> & {
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  readonly will: Will;
  readonly status: Status;
};

export const KEEPALIVE_SECONDS = 30;
/** A connection that lived shorter is a failure, so that two bridges do not fight for an id. */
const SETTLED_MS = 5_000;

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #versions: Versions;
  readonly #report: FailureReport;
  readonly #stop = new AbortController();
  #current: Connection | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#versions = new Versions(options.version);
    this.#report = new FailureReport(options.log, options.clientId);
  }

  /** The connection that is open now. */
  get current(): Connection | undefined {
    return this.#current;
  }

  /** Begins to connect. */
  start(): void {
    this.#running = this.#run();
  }

  /** Says DISCONNECT and connects no more. The broker drops the will, unless `isWillWanted`. */
  async close(isWillWanted: boolean): Promise<void> {
    this.#stop.abort();
    await this.#current?.close(isWillWanted);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { targets, status, will } = this.#options;
    let failures = 0;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      const target = targets[attempt % targets.length] ?? targets[0];
      status.become({ kind: "attempt", broker: target.label });
      const { error, openForMs } = await this.#connectOnce(target);
      this.#leave(Number(error.facts.reasonCode ?? 0));
      if (this.#stop.signal.aborted) return;
      const isOlderNext = this.#versions.ended(target, error.code, openForMs > 0);
      will.ended(target, error.code, openForMs > 0);
      failures = openForMs > SETTLED_MS ? 1 : failures + 1;
      this.#report.ended(openForMs > 0 && openForMs <= SETTLED_MS);
      const retryInMs = toRetryDelayMs(failures, Math.random());
      if (isOlderNext) this.#report.foundOlder(target.label);
      else this.#report.failed(error, retryInMs, failures);
      status.become({ kind: "failed", error, retryInMs });
      await sleep(retryInMs, undefined, { signal: this.#stop.signal }).catch(() => {
        // Aborted: the loop ends at its condition.
      });
    }
  }

  // One connection from CONNECT to its end: the reason for that end, and how long it was open.
  async #connectOnce(target: Target): Promise<{ error: ViadutoError; openForMs: number }> {
    const { session, clientId, sessionExpirySeconds, connectTimeoutMs, log } = this.#options;
    let openedAtMs = Number.POSITIVE_INFINITY;
    try {
      const settings: ConnectionOptions = {
        target,
        clientId,
        version: this.#versions.get(target),
        will: this.#options.will.get(target),
        sessionExpirySeconds,
        keepaliveSeconds: KEEPALIVE_SECONDS,
        connectTimeoutMs,
        receiveMaximum: this.#options.inboxMessagesMax,
        packetBytesMax: this.#options.packetBytesMax,
        identifiers: session.identifiers,
        onPacket: (packet, from) => session.receive(packet, from),
      };
      const connection = await Connection.open(settings, this.#stop.signal);
      openedAtMs = Date.now();
      this.#current = connection;
      if (this.#stop.signal.aborted) await connection.close();
      else await this.#enter(connection, target);
      const error = await connection.closed;
      return { error, openForMs: Math.max(1, Date.now() - openedAtMs) };
    } catch (thrown) {
      const error = toViadutoError(thrown);
      if (error.code === "internal") log.problem("error", error);
      return { error, openForMs: 0 };
    }
  }

  async #enter(connection: Connection, { label }: Target): Promise<void> {
    const { version, isSessionPresent } = connection;
    const { subscriptions, log, token, will, status } = this.#options;
    const refusedFilters = await subscriptions.attach(connection, label);
    if (!refusedFilters) return;
    const kind = isSessionPresent ? "session resumed" : "new session";
    log.info(`connected to ${label} (MQTT ${VERSION_NAMES[version]}, ${kind})`);
    if (version !== 5 && token !== undefined) {
      log.warn("this broker does not speak MQTT 5: the token can not be sent");
    }
    will.announce(connection);
    status.become({ kind: "opened", version, isSessionPresent, refusedFilters });
  }

  #leave(reasonCode: number): void {
    this.#current = undefined;
    this.#options.session.detach(reasonCode);
    this.#options.subscriptions.detach();
  }
}
