// Who may open a stream, and how many: of one token, and in all.

import { expect, test } from "bun:test";
import { createStreams, type StreamLimits } from "../../src/http/streams.ts";
import { openVisit } from "../../src/http/visit.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { createObservation } from "../../src/store/observation.ts";
import { Watch } from "../../src/store/watch.ts";

const LIMITS: StreamLimits = {
  streamsMax: 3,
  streamsPerCallerMax: 1,
  streamFiltersMax: 2,
  streamMessagesMax: 10,
  streamBytesMax: 10_000,
  streamHeartbeatSeconds: 60,
};

/** Streams, and the filters that are held for them. */
function openStreams() {
  const held: string[] = [];
  const watch = new Watch(createObservation());
  const hold = async (filter: string) => {
    held.push(filter);
    return { [Symbol.dispose]: () => void held.splice(held.indexOf(filter), 1) };
  };
  const getState = () => ({ kind: "connected", broker: "b" }) as const;
  return { held, watch, streams: createStreams({ watch, hold, getState, limits: LIMITS }) };
}

function createRequest(token: string | undefined, allowed = "", address = "") {
  const request = new Request("http://localhost/stream");
  const check = (scope: string, filter = "") => {
    if (scope !== "read" || !filter.startsWith(allowed)) throw new ViadutoError("token_wrong");
  };
  const caller = { name: token, check, may: () => true };
  openVisit(request, {
    caller,
    id: "1",
    startedAtMs: 0,
    address,
    body: undefined,
    trace: undefined,
    route: "",
  });
  return request;
}

const codeOf = (opening: Promise<unknown>) => {
  return opening.then(
    () => "opened",
    ({ code }: ViadutoError) => code,
  );
};

test("one filter that the caller may not read opens nothing, and leaves nothing", async () => {
  const { streams, watch, held } = openStreams();
  const request = createRequest("ana", "a/");
  expect(await codeOf(streams.open(request, ["a/b", "c"], undefined))).toBe("token_wrong");
  expect([streams.size, watch.size, held]).toEqual([0, 0, []]);
  using stream = await streams.open(request, ["a/b"], undefined);
  expect(await codeOf(stream.follow("c"))).toBe("token_wrong");
  expect([stream.filters, held]).toEqual([["a/b"], ["a/b"]]);
});

test("each token and each address has places of its own, and gets them back", async () => {
  const { streams, watch, held } = openStreams();
  const open = (request: Request) => streams.open(request, ["a"], undefined);
  const first = await open(createRequest("ana"));
  expect(await codeOf(open(createRequest("ana")))).toBe("caller_streams_full");
  using _bia = await open(createRequest("bia"));
  const near = createRequest(undefined, "", "10.0.0.1");
  using _near = await open(near);
  expect(await codeOf(open(createRequest("eva")))).toBe("streams_full");
  first[Symbol.dispose]();
  first[Symbol.dispose](); // Twice is fine.
  expect([streams.size, watch.size, held]).toEqual([2, 2, ["a", "a"]]);
  expect(await codeOf(open(near))).toBe("caller_streams_full");
  using _again = await open(createRequest("ana"));
  expect(streams.size).toBe(3);
});

test("a stream that ends while the broker is asked gives the subscription back", async () => {
  const granted = Promise.withResolvers<Disposable>();
  const watch = new Watch(createObservation());
  const getState = () => ({ kind: "connected", broker: "b" }) as const;
  const hold = () => granted.promise;
  const streams = createStreams({ watch, hold, getState, limits: LIMITS });
  const stream = await streams.open(createRequest("ana"), [], undefined);
  const following = stream.follow("a");
  stream[Symbol.dispose]();
  const back: string[] = [];
  granted.resolve({ [Symbol.dispose]: () => void back.push("a") });
  await following;
  expect([back, stream.filters, streams.size]).toEqual([["a"], [], 0]);
});
