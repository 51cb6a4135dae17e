// One connection to /stream: a WebSocket, or server-sent events where there is none, as below the
// path of somebody's own app. Used by feed.ts, which opens the next one.

export type TransportEvents = {
  readonly opened: () => void;
  /** One event as JSON, with its name in `event`. */
  readonly received: (text: string) => void;
  /** Called once at the end, but not after `close`. */
  readonly closed: () => void;
};

export type Transport = { readonly close: () => void };
export type TransportKind = "socket" | "events";

const EVENTS = ["message", "missed", "state"] as const;

export function openTransport(kind: TransportKind, url: URL, events: TransportEvents): Transport {
  return kind === "socket" ? openSocket(url, events) : openEvents(url, events);
}

function openSocket(url: URL, events: TransportEvents): Transport {
  const address = new URL(url);
  address.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => events.received(String(data));
  socket.onclose = () => events.closed();
  return {
    close() {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    },
  };
}

function openEvents(url: URL, events: TransportEvents): Transport {
  const source = new EventSource(url);
  source.onopen = () => events.opened();
  for (const name of EVENTS) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      events.received(`{"event":"${name}",${data.slice(1)}`);
    });
  }
  source.onerror = () => {
    source.close(); // It would connect again by itself, and say nothing.
    events.closed();
  };
  return { close: () => source.close() };
}
