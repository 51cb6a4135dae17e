// The dead letters' routes alone, over real HTTP and a real store.

import { Elysia } from "elysia";
import { deadLettersRoute } from "../../src/http/dead-letters-route.ts";
import { toProblemResponse } from "../../src/http/problem.ts";
import { toViadutoError } from "../../src/lib/errors.ts";
import { openStore } from "./dead-letters.ts";

export type Letter = Record<string, unknown>;

/** A server with these routes alone. */
export function startDeadLettersServer(redrive: (id: number) => Promise<void> = async () => {}) {
  const one = openStore({ now: () => 1_700_000_000_000 });
  const app = new Elysia()
    .onError(({ error }) => toProblemResponse(toViadutoError(error)))
    .use(deadLettersRoute(one.store, redrive));
  const server = Bun.serve({ port: 0, fetch: (request) => app.handle(request) });
  const ask = (path: string, method = "GET") =>
    fetch(`http://127.0.0.1:${server.port}/dead-letters${path}`, { method });
  return {
    store: one.store,
    ask,
    list: async (query = "") => {
      const { dead_letters, ...rest } = (await (await ask(query)).json()) as {
        dead_letters: Letter[];
      };
      return { letters: dead_letters, ids: dead_letters.map(({ id }) => id), rest };
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await one[Symbol.asyncDispose]();
    },
  };
}
