// The composition root: the one place that creates things and hands them on. What is opened is
// closed in reverse; reading downwards is the order of starting.

import { type Broker, type Listening, openBroker } from "./broker/broker.ts";
import { createWebSocketHandlers } from "./broker/listeners.ts";
import { readPemFiles } from "./config/pem-file.ts";
import type { Settings } from "./config/read.ts";
import { devicesUpdate } from "./handlers/devices-update.ts";
import { dispatch } from "./handlers/dispatch.ts";
import { createRegistry, type Registry } from "./handlers/registry.ts";
import { type HttpServer, openServer } from "./http/server.ts";
import { ViadutoError } from "./lib/errors.ts";
import type { Logger } from "./lib/log.ts";
import { Link } from "./link/link.ts";
import { isBelow, removeOrigin } from "./link/origin.ts";
import { createTarget, type Target } from "./link/target.ts";
import { createLastValues, type LastValues } from "./store/last-values.ts";
import type { AnyHandler } from "./topics/handler.ts";

export type App = AsyncDisposable & {
  readonly link: Link;
  readonly handlers: readonly AnyHandler[];
  /** Where the embedded broker listens; undefined with an external one. */
  readonly listening: Listening | undefined;
  readonly httpPort: number;
};

/** Room in an MQTT packet for what stands beside the payload: topic and properties. */
const PACKET_EXTRA_BYTES = 65_536;
/** How long a stopping bridge waits for the broker to take the last publishes. */
const FLUSH_TIMEOUT_MS = 2_000;
/** How long an external broker keeps the session while the bridge is away. */
const SESSION_EXPIRY_SECONDS = 24 * 3_600;

/**
 * The whole bridge, running. `signal` ends the start, with `link_closed`, and has no meaning after
 * it. Throws `port_taken`, `address_unavailable`, `file_unreadable`.
 */
export async function openApp(
  settings: Settings,
  log: Logger,
  handlers: readonly AnyHandler[] = [devicesUpdate],
  signal?: AbortSignal,
): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const values = createLastValues(settings.topicsMax);
  const registry = createRegistry(handlers);
  const isEmbedded = settings.brokers.length === 0;
  // Devices are held back while the handlers of their topic have no room.
  const room = (topic: string) => {
    const wait = link.room();
    const isHandled = () => registry.find(removeOrigin(settings.origin, topic)).length > 0;
    return wait && isHandled() ? wait : undefined;
  };
  const broker = isEmbedded
    ? stack.use(await openEmbedded(settings, values, room, log))
    : undefined;
  const targets = broker ? ([toTarget(broker)] as const) : createTargets(settings);
  const link: Link = stack.use(openLink(settings, targets, registry.subscriptions, log));
  // No device comes in before the handlers are subscribed.
  if (broker) await Promise.race([link.connected(), waitForAbort(signal)]);
  if (signal?.aborted) throw new ViadutoError("link_closed");
  const listening = broker && stack.use(await broker.listen());
  const publish = createPublisher(link, broker, values);
  const parts: Parts = { settings, registry, link, broker, values, publish, log };
  stack.use(openDispatch(parts));
  const http = stack.use(openHttp(parts));

  const owned = stack.move();
  return {
    link,
    handlers,
    listening,
    httpPort: http.port,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function openEmbedded(
  settings: Settings,
  values: LastValues,
  room: (topic: string) => Promise<void> | undefined,
  log: Logger,
): Promise<Broker> {
  const { origin } = settings;
  return openBroker({
    host: settings.host,
    mqttPort: settings.mqttPort,
    wsPort: settings.wsPort,
    packetBytesMax: toPacketBytesMax(settings),
    connectionsMax: settings.connectionsMax,
    outputBytesMax: settings.connectionOutputBytesMax,
    connectTimeoutMs: settings.connectTimeoutMs,
    log: log.named("Broker"),
    room,
    onPublish(packet) {
      if (!isBelow(origin, packet.topic)) return;
      // From a client it is bytes always; the type allows for a text.
      const message = packet as typeof packet & { payload: Buffer };
      values.put(removeOrigin(origin, packet.topic), message);
    },
  });
}

function toTarget(broker: Broker): Target {
  return { label: "the embedded broker", open: () => broker.connect() };
}

function createTargets(settings: Settings): [Target, ...Target[]] {
  const tls = { ...readPemFiles(settings), insecure: settings.insecure };
  return settings.brokers.map((address) => createTarget(address, tls)) as [Target, ...Target[]];
}

function openLink(
  settings: Settings,
  targets: readonly [Target, ...Target[]],
  subscriptions: Registry["subscriptions"],
  log: Logger,
): Link {
  const isExternal = settings.brokers.length > 0;
  return Link.open({
    targets,
    subscriptions,
    origin: settings.origin,
    clientId: settings.clientId,
    token: settings.token,
    version: settings.mqttVersion,
    // The embedded broker keeps its sessions in this same process: there is nothing to come back
    // to.
    sessionExpirySeconds: isExternal ? SESSION_EXPIRY_SECONDS : 0,
    connectTimeoutMs: settings.connectTimeoutMs,
    payloadBytesMax: settings.payloadBytesMax,
    packetBytesMax: toPacketBytesMax(settings),
    inboxMessagesMax: settings.inboxMessagesMax,
    outboxMessagesMax: settings.outboxMessagesMax,
    outboxBytesMax: settings.outboxBytesMax,
    sendWindow: settings.sendWindow,
    flushTimeoutMs: FLUSH_TIMEOUT_MS,
    log,
  });
}

type Publisher = Link["publish"];
type Parts = {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly link: Link;
  readonly broker: Broker | undefined;
  readonly values: LastValues;
  readonly publish: Publisher;
  readonly log: Logger;
};

// What handlers and HTTP callers publish is a value that the bridge has seen. The embedded broker
// shows it by itself.
function createPublisher(link: Link, broker: Broker | undefined, values: LastValues): Publisher {
  if (broker) return (message, options) => link.publish(message, options);
  return async (message, options) => {
    const result = await link.publish(message, options);
    values.put(message.topic, message);
    return result;
  };
}

// Runs the handlers. Disposing takes no more messages, then waits for those that run, not for ever.
function openDispatch(parts: Parts): AsyncDisposable {
  const { registry, link, broker, values, publish, log } = parts;
  const { concurrency, stopTimeoutMs } = parts.settings;
  const abort = new AbortController();
  const dispatching = dispatch({
    registry,
    messages: link.messages(),
    publish,
    onMessage: broker ? () => {} : (message) => values.put(message.topic, message),
    concurrency,
    signal: abort.signal,
    log,
  });
  return {
    async [Symbol.asyncDispose]() {
      link.stopReceiving();
      const timer = setTimeout(() => {
        log.warn(
          `handlers still run after ${stopTimeoutMs} ms: their messages stay unacknowledged`,
        );
        abort.abort();
      }, stopTimeoutMs);
      await Promise.race([dispatching, waitForAbort(abort.signal)]).finally(() => {
        clearTimeout(timer);
      });
    },
  };
}

function openHttp({ settings, link, values, publish, broker, log }: Parts): HttpServer {
  const timeoutMs = settings.publishTimeoutMs;
  return openServer({
    host: settings.host,
    port: settings.port,
    payloadBytesMax: settings.payloadBytesMax,
    publish: (message, token) => publish(message, { token, timeoutMs }),
    values,
    getState: () => link.state,
    webSocket: broker && createWebSocketHandlers(broker.accept, toPacketBytesMax(settings)),
    log: log.named("HTTP"),
  });
}

async function waitForAbort(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}

function toPacketBytesMax({ payloadBytesMax }: Settings): number {
  return payloadBytesMax + PACKET_EXTRA_BYTES;
}
