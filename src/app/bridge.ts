// The bridge without its HTTP side: store, broker, link and handlers, opened in this order and
// closed in reverse. app.ts puts HTTP on it; a library's app and the test kit use it as it is.

import type { Broker, Listening } from "../broker/broker.ts";
import type { Settings } from "../config/read.ts";
import { BUILT_IN } from "../handlers/built-in.ts";
import { Dispatcher } from "../handlers/dispatcher.ts";
import { HandlerFolder, type LoadFailure } from "../handlers/folder.ts";
import { type Clock, SYSTEM_CLOCK } from "../lib/clock.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { Link } from "../link/link.ts";
import type { LinkOptions } from "../link/link-options.ts";
import { type DeadLetters, openDeadLetters } from "../store/dead-letters.ts";
import { openKnownFilters } from "../store/known-filters.ts";
import type { Observation } from "../store/observation.ts";
import type { Subscription } from "../topics/covering-set.ts";
import type { HandlerSet } from "../topics/handler.ts";
import { createRoom, openDispatch } from "./dispatching.ts";
import { openEmbeddedBroker } from "./embedded-broker.ts";
import { type LanLogin, openLanLogin } from "./lan-login.ts";
import { isSessionKept, toLinkOptions, toTargets } from "./link-settings.ts";
import { type Observing, openObserving } from "./observing.ts";
import { openReload } from "./reloading.ts";

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
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly observing: Observing;
  /** What `--lan` has made; undefined without. */
  readonly lanLogin: LanLogin | undefined;
  /** Undefined with an external one. */
  readonly broker: Broker | undefined;
  /** Where the embedded broker listens. */
  readonly listening: Listening | undefined;
  /** What runs now, and the topics beside it: for the documents. */
  content(): HandlerSet;
  /** Files of the handler folder that could not be loaded. */
  failures(): readonly LoadFailure[];
  /**
   * Reads again what may change while it runs: the certificates of the embedded broker. Never
   * rejects: of what cannot be read the old stays, and the log says why.
   */
  reload(): Promise<void>;
};

const HOUR_MS = 3_600_000;

/**
 * A bridge that runs. Throws `port_taken`, `address_unavailable`, `file_unreadable`,
 * `file_unwritable`, `handlers_missing`, `store_unusable`, and `group_unsupported` without an
 * external broker.
 */
export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const { settings, log, signal, isListening = true } = options;
  refuseGroupOfOne(settings);
  const lanLogin = openLanLogin(settings);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openFolder(options));
  const observing = stack.use(openObserving(settings));
  const { observation } = observing;
  const deadLetters = stack.use(openLetters(settings, log));
  // Link and dispatcher need each other: messages go up, publishes go down.
  const dispatcher: Dispatcher = new Dispatcher({
    publish: (message, how) => publish(message, how),
    request: (message, how) => link.request(message, how),
    limits: settings,
    deadLetters,
    log,
    clock: options.clock ?? SYSTEM_CLOCK,
    isKept: isSessionKept(settings),
    isShared: settings.group !== undefined,
  });
  const { subscriptions } = dispatcher.replace(options.handlers ?? folder?.content ?? BUILT_IN, 0);
  const stopping = new AbortController();
  const getRoom = () => link.room();
  const room = createRoom({ settings, dispatcher, stopping: stopping.signal, getRoom });
  const common = { settings, observation, log };
  const embedded = stack.use(await openEmbeddedBroker({ ...common, lanLogin, room }));
  const broker = embedded?.broker;
  const targets = toTargets(settings, broker);
  const link: Link = stack.use(openLink(settings, targets, subscriptions, log));
  if (broker) await waitForHandlers(link, signal);
  const listening = broker && isListening ? stack.use(await broker.listen()) : undefined;
  const publish = createPublisher(link, broker, observation);
  stack.use(openDispatch({ ...common, link, dispatcher, listening, stopping }));
  if (folder && settings.watch) stack.use(openReload(folder, dispatcher, link, log));

  const owned = stack.move();
  return {
    link,
    publish,
    dispatcher,
    deadLetters,
    observing,
    lanLogin,
    broker,
    listening,
    ...toContentView(options, folder),
    reload: async () => embedded?.reload(listening),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toContentView({ handlers }: BridgeOptions, folder: HandlerFolder | undefined) {
  return {
    content: () => handlers ?? folder?.content ?? BUILT_IN,
    failures: () => folder?.content.failures ?? [],
  };
}

// No other bridge is at the embedded broker before this one.
function refuseGroupOfOne({ group, brokers }: Settings): void {
  if (group === undefined || brokers.length > 0) return;
  throw new ViadutoError("group_unsupported", { broker: "the embedded broker" });
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

function openLetters(settings: Settings, log: Logger): DeadLetters {
  return openDeadLetters({
    folder: settings.data,
    lettersMax: settings.deadLettersMax,
    bytesMax: settings.deadLetterBytesMax,
    ageMsMax: settings.deadLetterHoursMax * HOUR_MS,
    log,
  });
}

function openLink(
  settings: Settings,
  targets: LinkOptions["targets"],
  subscriptions: readonly Subscription[],
  log: Logger,
): Link {
  const { data: folder, clientId } = settings;
  const options = toLinkOptions(settings, targets, subscriptions, log);
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
    if (!options?.isAbsolute) observation.note(message.topic, message);
    return result;
  };
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
