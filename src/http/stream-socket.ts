// The streams over a WebSocket at /stream, for pages that change what they watch: frames of JSON,
// `{"subscribe":["a/#"]}` and `{"unsubscribe":["a/#"]}` from the client, to it what the events of
// GET /stream have, each with its `event`. Called by server.ts, behind the guard.

import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { LastValues } from "../store/last-values.ts";
import type { ObservedMessage } from "../store/observation.ts";
import { addEvent, toItemJson, toMessageLine } from "./event-data.ts";
import type { Stream } from "./stream.ts";
import { readValues } from "./stream-past.ts";
import type { Streams } from "./streams.ts";
import { readWish } from "./streams-route.ts";

/** Data of one such WebSocket. */
export type StreamSocketData = {
  readonly stream: Stream;
  /** The last values, in parts, that are sent before what comes. */
  readonly first: Iterable<readonly ObservedMessage[]>;
  /** Settles when the socket has taken what was sent, or is closed. */
  drained: PromiseWithResolvers<void> | undefined;
  isClosed: boolean;
};
type Socket = Bun.ServerWebSocket<StreamSocketData>;

export type StreamSockets = {
  /**
   * Opens the stream of a request that is to be upgraded. Throws `query_invalid` and what
   * `Streams.open` throws.
   */
  readonly open: (request: Request) => Promise<StreamSocketData>;
  readonly handlers: {
    readonly open: (socket: Socket) => void;
    readonly message: (socket: Socket, frame: string | Buffer) => void;
    readonly drain: (socket: Socket) => void;
    readonly close: (socket: Socket) => void;
  };
};

export const STREAM_PATH = "/stream";
const FRAME_BYTES_MAX = 65_536;
/** Close codes (RFC 6455 section 7.4.1). */
const GOING_AWAY = 1001;
const TOO_LARGE = 1009;
const NAMES = ["filter", "coalesce", "values"];

export function createStreamSockets(streams: Streams, values: LastValues): StreamSockets {
  return {
    async open(request) {
      const { coalesceMs, wantsValues } = readWish(request, NAMES);
      const filters = new Set(new URL(request.url).searchParams.getAll("filter"));
      const stream = await streams.open(request, [...filters], coalesceMs);
      const untilId = stream.reader.sinceId;
      const first = wantsValues ? readValues(values, stream.filters, untilId) : [];
      return { stream, first, drained: undefined, isClosed: false };
    },
    handlers: {
      open(socket) {
        const { state } = socket.data.stream;
        socket.sendText(toItemJson({ kind: "state", state }));
        void sendAll(socket);
      },
      message(socket, frame) {
        if (frame.length > FRAME_BYTES_MAX) return socket.close(TOO_LARGE, "too large");
        // One at a time: what comes meanwhile waits with the client.
        socket.pause();
        void obey(socket, String(frame)).finally(() => socket.resume());
      },
      drain: ({ data }) => data.drained?.resolve(),
      close({ data }) {
        data.isClosed = true;
        data.drained?.resolve();
        data.stream[Symbol.dispose]();
      },
    },
  };
}

async function sendAll(socket: Socket): Promise<void> {
  const { data } = socket;
  for (const page of data.first) {
    if (data.isClosed) return;
    await sendLines(
      socket,
      page.map((value) => addEvent("message", toMessageLine(value, true))),
    );
  }
  for await (const items of data.stream.reader) await sendLines(socket, items.map(toItemJson));
  if (!data.isClosed) socket.close(GOING_AWAY, "the bridge stops");
}

// Who does not read is not sent more: what comes waits in the reader's queue, which is bounded.
async function sendLines(socket: Socket, lines: readonly string[]): Promise<void> {
  const { data } = socket;
  if (lines.length > 0) socket.cork(() => lines.map((line) => socket.sendText(line)));
  while (!data.isClosed && socket.getBufferedAmount() > 0) {
    data.drained = Promise.withResolvers();
    await data.drained.promise;
  }
}

async function obey(socket: Socket, text: string): Promise<void> {
  const { data } = socket;
  try {
    const { subscribe, unsubscribe } = readCommand(text);
    for (const filter of unsubscribe) data.stream.unfollow(filter);
    for (const filter of subscribe) await data.stream.follow(filter);
  } catch (thrown) {
    const { code, message: detail, hint } = toViadutoError(thrown);
    send(socket, "error", { code, detail, hint });
  }
  send(socket, "subscribed", { filters: data.stream.filters });
}

function send(socket: Socket, event: string, value: object): void {
  if (!socket.data.isClosed) socket.sendText(addEvent(event, JSON.stringify(value)));
}

type Command = { readonly subscribe: readonly string[]; readonly unsubscribe: readonly string[] };

function readCommand(text: string): Command {
  const { subscribe = [], unsubscribe = [], ...others } = parseObject(text);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw toInvalid(`'${unknown}' is not known`);
  if (!isTexts(subscribe) || !isTexts(unsubscribe)) throw toInvalid("expected lists of filters");
  return { subscribe, unsubscribe };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as of any other JSON value.
  }
  throw toInvalid("it is not a JSON object");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function toInvalid(reason: string): ViadutoError {
  return new ViadutoError("stream_frame_invalid", { reason });
}
