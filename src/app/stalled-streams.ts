// The streams of somebody's own app whose client does not read: Bun's stop waits until what was
// written is taken, which may be never. Called by plugin.ts.

type Server = { timeout: (request: Request, seconds: number) => void };

export type StalledStreams = {
  /** Called with each answer; `request` is the one that the server knows. */
  readonly note: (request: Request, answer: Response) => void;
  /** Gives those that are open some seconds more, as long as nothing of them is taken. */
  readonly expire: (server: Server | null) => void;
};

const EVENTS = "text/event-stream";
/** Bun looks every four seconds, so that one becomes four at most. */
const GRACE_SECONDS = 1;

export function createStalledStreams(): StalledStreams {
  const open = new Set<Request>();
  return {
    note(request, answer) {
      // They last until the client has gone, or the bridge stops.
      if (!answer.headers.get("Content-Type")?.startsWith(EVENTS)) return;
      open.add(request);
      request.signal.addEventListener("abort", () => open.delete(request), { once: true });
    },
    expire(server) {
      for (const request of open) server?.timeout(request, GRACE_SECONDS);
      open.clear();
    },
  };
}
