// A reader of server-sent events over a real socket, with events to wait for.

import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type ReadEvent = {
  readonly id: number | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
};

export type EventReader = AsyncDisposable & {
  readonly response: Response;
  readonly events: readonly ReadEvent[];
  /** Comments so far: signs of life. */
  readonly comments: readonly string[];
  /** The first event, now or later, that is so; it is not given twice. */
  next(event: string, isIt?: (data: Record<string, unknown>) => boolean): Promise<ReadEvent>;
  /** Resolves when so many comments have come. */
  waitForComments(count: number): Promise<void>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
};

/** Opens the stream; resolves when its headers are there. Any status is fine. */
export async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  const aborting = new AbortController();
  const response = await fetch(url, {
    headers: { Accept: "text/event-stream", ...headers },
    signal: aborting.signal,
  });
  const events: ReadEvent[] = [];
  const comments: string[] = [];
  const taken = new Set<ReadEvent>();
  const changes = createChanges();
  const ended = collect(response, (block) => {
    if (block.startsWith(":")) comments.push(block);
    else if (!block.startsWith("retry:")) events.push(parseEvent(block));
    changes.announce();
  });
  return {
    response,
    events,
    comments,
    ended,
    next: (event, isIt = () => true) =>
      changes.wait(
        () => {
          const found = events.find((one) => {
            return !taken.has(one) && one.event === event && isIt(one.data);
          });
          if (found) taken.add(found);
          return found;
        },
        WAIT_TIMEOUT_MS,
        () => new Error(`no ${event} came; there is ${JSON.stringify(events.slice(-5))}`),
      ),
    waitForComments: async (count) => {
      const look = () => (comments.length >= count ? true : undefined);
      await changes.wait(look, WAIT_TIMEOUT_MS, () => new Error("no sign of life came"));
    },
    async [Symbol.asyncDispose]() {
      aborting.abort();
      await ended;
    },
  };
}

async function collect({ body }: Response, take: (block: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block);
    }
  } catch {
    // Left by whoever reads, or cut by the server: in both cases it has ended.
  }
}

function parseEvent(block: string): ReadEvent {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    fields.set(line.slice(0, at), line.slice(at + 2));
  }
  const id = fields.get("id");
  return {
    id: id === undefined ? undefined : Number(id),
    event: fields.get("event") ?? "",
    data: JSON.parse(fields.get("data") ?? "null") as Record<string, unknown>,
  };
}
