// The link's state, as a union that carries its data, and how it changes. Pure.

import type { ViadutoError } from "../lib/errors.ts";

export type MqttVersion = 3 | 4 | 5;

export type LinkState =
  | { readonly kind: "connecting"; readonly broker: string }
  | {
      readonly kind: "connected";
      readonly broker: string;
      readonly version: MqttVersion;
      /** The broker still knew the session, with its subscriptions and queued messages. */
      readonly isSessionPresent: boolean;
      /** Filters that the broker would not grant. */
      readonly refusedFilters: readonly string[];
    }
  | {
      readonly kind: "waiting";
      readonly broker: string;
      /** Why there is no connection. */
      readonly error: ViadutoError;
      readonly retryInMs: number;
    }
  | { readonly kind: "closed" };

export type LinkEvent =
  | { readonly kind: "attempt"; readonly broker: string }
  | {
      readonly kind: "opened";
      readonly version: MqttVersion;
      readonly isSessionPresent: boolean;
      readonly refusedFilters: readonly string[];
    }
  /** On an open connection, something else is subscribed to than before. */
  | { readonly kind: "subscribed"; readonly refusedFilters: readonly string[] }
  | { readonly kind: "failed"; readonly error: ViadutoError; readonly retryInMs: number }
  | { readonly kind: "stopped" };

/** The state after an event. A closed link stays closed. */
export function nextState(state: LinkState, event: LinkEvent): LinkState {
  if (state.kind === "closed") return state;
  switch (event.kind) {
    case "attempt":
      return { kind: "connecting", broker: event.broker };
    case "opened":
      return { ...event, kind: "connected", broker: state.broker };
    case "subscribed":
      if (state.kind !== "connected" || isSame(state, event)) return state;
      return { ...state, refusedFilters: event.refusedFilters };
    case "failed":
      return { ...event, kind: "waiting", broker: state.broker };
    case "stopped":
      return { kind: "closed" };
    default:
      return event satisfies never;
  }
}

type Refused = { readonly refusedFilters: readonly string[] };

function isSame({ refusedFilters: one }: Refused, { refusedFilters: other }: Refused): boolean {
  return one.length === other.length && one.every((filter, at) => filter === other[at]);
}

/** MQTT version numbers of the protocol as people write them. */
export const VERSION_NAMES = { 3: "3.1", 4: "3.1.1", 5: "5" } as const satisfies Record<
  MqttVersion,
  string
>;
