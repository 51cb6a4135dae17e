// What the page knows of the broker: asked again and again while somebody looks, with the rates
// that two answers give. Opened by broker-page.tsx.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Live } from "../live/live.ts";
import { repeatWhileSeen } from "../live/repeat-while-seen.ts";
import type { BrokerJson, ClientsJson } from "./broker-answers.ts";
import { type Rates, toRates } from "./broker-rates.ts";

export type BrokerPolling = {
  readonly broker: ReadonlySignal<BrokerJson | undefined>;
  /** Undefined before the second answer. */
  readonly rates: ReadonlySignal<Rates | undefined>;
  /** Undefined at an external broker, and for whoever may not see them. */
  readonly clients: ReadonlySignal<ClientsJson | undefined>;
  /** Why the last question had no answer; undefined when it had. */
  readonly error: ReadonlySignal<unknown>;
  /** Whether all clients are asked for: to search among them. */
  readonly isSearching: { value: boolean };
  readonly refresh: () => Promise<void>;
  /** Asks until it is ended. */
  readonly start: () => () => void;
};

const PERIOD_MS = 2_000;
const CLIENTS_MAX = 200;
const SEARCHED_MAX = 10_000;

export function createBrokerPolling({ api, access }: Live): BrokerPolling {
  const broker = signal<BrokerJson | undefined>(undefined);
  const rates = signal<Rates | undefined>(undefined);
  const clients = signal<ClientsJson | undefined>(undefined);
  const error = signal<unknown>(undefined);
  const isSearching = signal(false);
  let last: { readonly facts: BrokerJson; readonly atMs: number } | undefined;
  const ask = async () => {
    const facts = await api.ask<BrokerJson>("broker");
    const now = { facts, atMs: performance.now() };
    rates.value = last && toRates(last.facts, facts, now.atMs - last.atMs);
    last = now;
    broker.value = facts;
    if (facts.kind === "external" || !access.may("admin")) return;
    const limit = isSearching.peek() ? SEARCHED_MAX : CLIENTS_MAX;
    clients.value = await api.ask<ClientsJson>(`clients?limit=${limit}`);
  };
  const refresh = async () => {
    try {
      await ask();
      error.value = undefined;
    } catch (thrown) {
      error.value = thrown;
    }
  };
  const start = () =>
    repeatWhileSeen(async () => {
      await refresh();
      return PERIOD_MS;
    });
  return { broker, rates, clients, error, isSearching, refresh, start };
}
