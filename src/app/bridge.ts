// The bridge without its HTTP side: store, broker, link and handlers, opened in this order and
// closed in reverse. app.ts puts HTTP on it; a library's app and the test kit use it as it is.

import type { Broker, Listening } from "../broker/broker.ts";
import type { Settings } from "../config/read.ts";
import { BUILT_IN } from "../handlers/built-in.ts";
import { Dispatcher, type DispatcherOptions } from "../handlers/dispatcher.ts";
import { HandlerFolder, type LoadFailure } from "../handlers/folder.ts";
import { type Clock, SYSTEM_CLOCK } from "../lib/clock.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Tracer } from "../lib/tracer.ts";
import { Link } from "../link/link.ts";
import type { LinkOptions } from "../link/link-options.ts";
import type { DeadLetters } from "../store/dead-letters.ts";
import type { Idempotency } from "../store/idempotency.ts";
import { openKnownFilters } from "../store/known-filters.ts";
import type { Observation } from "../store/observation.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { HandlerSet } from "../topics/handler.ts";
import { openTracing } from "../tracing/tracing.ts";
import { createRoom, openDispatch } from "./dispatching.ts";
import { openEmbeddedBroker } from "./embedded-broker.ts";
import { openKeeping } from "./keeping.ts";
import { type LanLogin, openLanLogin } from "./lan-login.ts";
import { isSessionKept, toLinkOptions, toTargets } from "./link-settings.ts";
import { type Observing, openObserving, restoreValuesLater } from "./observing.ts";
import { openReload } from "./reloading.ts";
import { tracePublish, traceRequest } from "./traced-link.ts";
import { openWatching, type Watching } from "./watching.ts";

export type BridgeOptions = {
  readonly settings: Settings;
  readonly log: Logger;
  /** In place of those in the folder of the settings. */
  readonly handlers?: HandlerSet | undefined;
  /** The modules that files of the folder may import by name. */
  readonly modules?: Readonly<Record<string, object>>;
  /** False: the embedded broker takes no connections from outside. */
  readonly isListening?: boolean;
  /** Ends the start, with `link_closed`; it has no meaning after it. */
  readonly signal?: AbortSignal;
  /** Moves the waits between retries; the machine's own when absent. */
  readonly clock?: Clock;
};

export type Bridge = AsyncDisposable & {
  readonly link: Link;
  readonly publish: Link["publish"];
  readonly request: Link["request"];
  /** Undefined when nobody traces. */
  readonly tracer: Tracer | undefined;
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly idempotency: Idempotency;
  readonly observing: Observing;
  /** Aborted first when the bridge stops. */
  readonly stopping: AbortSignal;
  readonly watching: Watching;
  /** What `--lan` has made; undefined without. */
  readonly lanLogin: LanLogin | undefined;
  /** Undefined with an external one. */
  readonly broker: Broker | undefined;
  /** Where the embedded broker listens. */
  readonly listening: Listening | undefined;
  /**
   * Why the embedded broker's file takes nothing, as on a full disk; undefined while it does. After
   * the end: why the last changes are not on the disk.
   */
  storeProblem(): string | undefined;
  /** What runs now, and the topics beside it: for the documents. */
  content(): HandlerSet;
  /** Files of the handler folder that could not be loaded. */
  failures(): readonly LoadFailure[];
  /**
   * Reads again what may change while it runs: certificates, logins and rights. Never rejects: of
   * what cannot be read the old stays, and the log says why.
   */
  reload(): Promise<void>;
};

/**
 * A bridge that runs. Throws `port_taken`, `address_unavailable`, `file_unreadable`,
 * `file_unwritable`, `handlers_missing`, `store_unusable`.
 */
export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const { settings, log, signal, isListening = true } = options;
  const lanLogin = openLanLogin(settings);
  await using stack = new AsyncDisposableStack();
  const { tracer } = stack.use(await openTracing(settings, log));
  const folder = stack.use(await openFolder(options));
  const { deadLetters, idempotency } = stack.use(openKeeping(settings, log));
  const observing = stack.use(openObserving(settings, log));
  // Link and dispatcher need each other: messages go up, publishes go down.
  const dispatcher: Dispatcher = createDispatcher(options, observing, {
    publish: (message, how) => senders.publish(message, how),
    request: (message, how) => senders.request(message, how),
    tracer,
    deadLetters,
  });
  const { subscriptions } = dispatcher.replace(options.handlers ?? folder?.content ?? BUILT_IN, 0);
  const stopping = new AbortController();
  const { signal: stop } = stopping;
  const room = createRoom({ settings, dispatcher, stopping: stop, getRoom: () => link.room() });
  const common = { settings, observation: observing.observation, log };
  const embedded = stack.use(await openEmbeddedBroker({ ...common, lanLogin, room, dispatcher }));
  const broker = embedded?.broker;
  const link: Link = stack.use(openLink(settings, broker, subscriptions, common));
  if (broker) await waitForHandlers(link, signal);
  const listening = broker && isListening ? stack.use(await broker.listen()) : undefined;
  const senders = createSenders(link, broker, common.observation, tracer);
  stack.use(openDispatch({ ...common, link, dispatcher, listening, stopping }));
  if (folder && settings.watch) stack.use(openReload(folder, dispatcher, link, log));
  restoreValuesLater(observing, settings, log);
  const watching = stack.use(openWatching({ ...common, link, broker }));
  const owned = stack.move();
  return {
    link,
    ...senders,
    tracer,
    dispatcher,
    deadLetters,
    idempotency,
    observing,
    stopping: stop,
    watching,
    lanLogin,
    broker,
    listening,
    storeProblem: () => embedded?.storeProblem(),
    ...toContentView(options, folder),
    reload: async () => embedded?.reload(listening),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function createDispatcher(
  { settings, log, clock = SYSTEM_CLOCK }: BridgeOptions,
  { flows }: Observing,
  parts: Pick<DispatcherOptions, "publish" | "request" | "tracer" | "deadLetters">,
): Dispatcher {
  const isKept = isSessionKept(settings);
  const isShared = settings.group !== undefined;
  return new Dispatcher({ ...parts, flows, limits: settings, log, clock, isKept, isShared });
}

function toContentView({ handlers }: BridgeOptions, folder: HandlerFolder | undefined) {
  return {
    content: () => handlers ?? folder?.content ?? BUILT_IN,
    failures: () => folder?.content.failures ?? [],
  };
}

async function openFolder(options: BridgeOptions): Promise<HandlerFolder | undefined> {
  const { settings, log, handlers, modules = {} } = options;
  if (handlers || settings.handlers === undefined) return undefined;
  return HandlerFolder.open({
    folder: settings.handlers,
    modules,
    log,
    loadTimeoutMs: settings.handlerLoadTimeoutMs,
  });
}

function openLink(
  settings: Settings,
  broker: Broker | undefined,
  subscriptions: readonly Subscription[],
  { observation, log }: { readonly observation: Observation; readonly log: Logger },
): Link {
  const { data: folder, clientId } = settings;
  const options: LinkOptions = {
    ...toLinkOptions(settings, toTargets(settings, broker), subscriptions, log),
    onPlain: (message) => observation.note(message.topic, message),
  };
  if (!isSessionKept(settings)) return Link.open(options);
  return Link.open({ ...options, knownFilters: openKnownFilters({ folder, clientId, log }) });
}

// What handlers and HTTP callers publish is a message that the bridge has seen. The embedded broker
// shows it by itself.
function createPublisher(
  link: Link,
  broker: Broker | undefined,
  observation: Observation,
): Link["publish"] {
  if (broker) return (message, options) => link.publish(message, options);
  return async (message, options) => {
    const result = await link.publish(message, options);
    // What comes back from the broker is seen then, and not twice.
    const isSeen = options?.isAbsolute || link.receives(message.topic);
    if (!isSeen) observation.note(message.topic, message);
    return result;
  };
}

function createSenders(
  link: Link,
  broker: Broker | undefined,
  observation: Observation,
  tracer: Tracer | undefined,
): Pick<Bridge, "publish" | "request"> {
  const publish = createPublisher(link, broker, observation);
  const request: Link["request"] = (message, options) => link.request(message, options);
  if (!tracer) return { publish, request };
  return { publish: tracePublish(publish, tracer), request: traceRequest(request, tracer) };
}

// No device comes in before the handlers are subscribed.
async function waitForHandlers(link: Link, signal: AbortSignal | undefined): Promise<void> {
  await Promise.race([link.connected(), waitForAbort(signal)]);
  if (signal?.aborted) throw new ViadutoError("link_closed");
}

async function waitForAbort(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}
