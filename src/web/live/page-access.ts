// Whether the page may ask the bridge, and as who: found out at the start, and again when a token
// is asked for.

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Api, createApi } from "./api.ts";
import type { HomeJson, Scope } from "./bridge-answers.ts";
import type { ProblemError } from "./problem-error.ts";

export type AccessState =
  | { readonly kind: "unknown" }
  | { readonly kind: "granted"; readonly home: HomeJson }
  /** With `error`, the token that was shown is not the right one. */
  | { readonly kind: "asked"; readonly error?: ProblemError };

export type Access = {
  readonly api: Api;
  readonly state: ReadonlySignal<AccessState>;
  /** Asks who this is. Rejects with `ProblemError`, but not when a token is asked for. */
  readonly refresh: () => Promise<void>;
  /** Shows the token, for which the bridge gives a cookie. */
  readonly enter: (token: string) => Promise<void>;
  /** Whether whoever looks may do this; a page hides then what cannot be done. */
  readonly may: (scope: Scope) => boolean;
};

export function createAccess(folder: string): Access {
  const state = signal<AccessState>({ kind: "unknown" });
  const api = createApi(folder, (error) => {
    const isFirst = error.code === "token_missing";
    state.value = isFirst ? { kind: "asked" } : { kind: "asked", error };
  });
  const look = async (path: string) => {
    try {
      state.value = { kind: "granted", home: await api.ask<HomeJson>(path) };
    } catch (error) {
      // What lacks a token is said by the state.
      if ((error as ProblemError).status !== 401) throw error;
    }
  };
  return {
    api,
    state,
    refresh: () => look(""),
    // The bridge answers with its cookie, and sends on to the same path without the token.
    enter: (token) => look(`?token=${encodeURIComponent(token)}`),
    may: (scope) => state.value.kind === "granted" && state.value.home.scopes.includes(scope),
  };
}
