// The stream as the page follows it, without a browser: frames are drawn when the test says so.

import { expect, test } from "bun:test";
import { createApi } from "../../src/web/live/api.ts";

type State = { readonly kind: string };
type Feed = {
  readonly state: { readonly value: State; subscribe(listen: (now: State) => void): () => void };
  watch(filters: readonly string[]): void;
};

/** Its types are those of a browser, which are not known to tests. */
const FEED: string = "../../src/web/live/feed.ts";

test("what came before a connection was lost does not make it look open", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request, own) {
      return own.upgrade(request) ? undefined : new Response("", { status: 400 });
    },
    websocket: {
      open(socket) {
        socket.send(JSON.stringify({ event: "state", state: "connected", broker: "embedded" }));
        socket.close();
      },
      message() {},
    },
  });
  const frames: (() => void)[] = [];
  const api = createApi(server.url.href, () => {});
  const { Feed } = await import(FEED);
  const schedule = (run: () => void) => frames.push(run);
  const feed: Feed = new Feed({ api, coalesceMs: 100, schedule });
  const lost = waitFor(feed, "waiting");
  feed.watch(["#"]);
  await lost;
  expect(frames.length).toBe(1);
  frames[0]?.();
  expect(feed.state.value.kind).toBe("waiting");
  feed.watch([]);
});

function waitFor({ state }: Feed, kind: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = state.subscribe((now) => {
    if (now.kind === kind) resolve();
  });
  return promise.finally(() => end());
}
