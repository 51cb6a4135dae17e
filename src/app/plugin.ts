// The bridge as a library: `new Elysia().use(viaduto({ handlers }))`. It starts when the app
// listens and stops with it; nothing connects when the module is imported.

import { Elysia } from "elysia";
import { toHost } from "../broker/peer.ts";
import { isLoopback } from "../config/loopback.ts";
import { refusePublic } from "../config/reach.ts";
import { type Settings, toSettings } from "../config/read.ts";
import type { OptionValues } from "../config/schema.ts";
import { createPublish, createRequest } from "../handlers/typed-client.ts";
import { createMeter, type Meter } from "../http/exchange.ts";
import { createGuard } from "../http/guard.ts";
import { wantsPage } from "../http/page-files.ts";
import { createRoutes, type RouteParts, type Routes } from "../http/routes.ts";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { createLineWriter } from "../lib/line-writer.ts";
import { createLogger, type Logger } from "../lib/log.ts";
import type { LinkState } from "../link/state.ts";
import type { AnyHandler, CommonHooks } from "../topics/handler.ts";
import { toHandlerSet } from "../topics/handler-set.ts";
import type { Publish, Request as TypedRequest } from "../topics/topic.ts";
import type { Bridge } from "./bridge.ts";
import { type GuardedBridge, openGuardedBridge } from "./guarded-bridge.ts";
import { createLazyBridge, type LazyBridge } from "./lazy-bridge.ts";
import { toRouteParts } from "./route-parts.ts";
import { createStalledStreams, type StalledStreams } from "./stalled-streams.ts";

/** The options of the command line under the names of the schema, but those of the HTTP server. */
export type ViadutoOptions = Partial<Omit<OptionValues, "handlers" | "port" | "config" | "lan">> & {
  /** What to run: handlers and hooks, or the folder they are in. None when absent. */
  readonly handlers?: readonly (AnyHandler | CommonHooks)[] | string;
  /** In place of lines on stdout. */
  readonly log?: Logger;
  /**
   * Where the bridge's own routes (`/publish`, `/topics/…`, `/ready`, …) are mounted; not at all
   * when absent: whoever reaches them can publish, unless `httpToken` asks for a token.
   */
  readonly routes?: `/${string}`;
};

/** The bridge in the context of an app's routes. */
export type Mqtt = {
  /**
   * Publishes a typed value, within `publishTimeoutMs` when its options name no timeout; starts the
   * bridge when the app does not listen yet.
   */
  readonly publish: Publish;
  /** Asks, and gives the typed reply. */
  readonly request: TypedRequest;
  /** The connection to the broker; "closed" before the start and after the end. */
  readonly state: () => LinkState["kind"];
  /** Resolves when the bridge runs: the same start however often it is called, until `stop`. */
  readonly start: () => Promise<Bridge>;
  /**
   * Finishes what runs and closes; what is published later rejects with `link_closed`, until
   * `start`. `app.stop()` waits for it.
   */
  readonly stop: () => Promise<void>;
};

/**
 * An Elysia plugin: the app's context gets `mqtt`, and the handlers run as long as the app listens.
 * Throws `option_invalid` and `listen_public_refused` at once, and `plugin_doubled` out of `listen`
 * when the app has another; what goes wrong at the start is told in the log, and rejects every
 * publish.
 */
export function viaduto(options: ViadutoOptions = {}) {
  const { handlers = [], log: given, routes, ...values } = options;
  const isFolder = typeof handlers === "string";
  const settings = toSettings({ ...values, ...(isFolder && { handlers }) });
  refusePublic(settings, false);
  const log = given ?? createDefaultLog(settings);
  const open = () => {
    return openGuardedBridge({
      settings,
      log,
      handlers: isFolder ? undefined : toHandlerSet(handlers),
    });
  };
  const bridge = createLazyBridge(open, log);
  const mqtt = createMqtt(bridge, settings);
  const streams = createStalledStreams();
  const where: Where = { listensOnLoopback: false, findAddress: () => "unknown" };
  // With a seed of its own Elysia takes this plugin for no other, and one that is used in several
  // parts of an app for one.
  const plugin = new Elysia({ name: "viaduto", seed: crypto.randomUUID() })
    .decorate("mqtt", mqtt)
    .onStart((app) => {
      if (app.decorator.mqtt.start !== mqtt.start) throw new ViadutoError("plugin_doubled");
      where.listensOnLoopback = isLoopback(readAddress(app.server));
      where.findAddress = (request) => toHost(app.server?.requestIP(request)?.address);
      mqtt.start().catch((error) => log.problem("error", toViadutoError(error)));
      // Elysia does not wait for its stop handlers. Remove when it does.
      const { stop } = app;
      app.stop = async (closeActiveConnections) => {
        app.stop = stop;
        // Bun waits for every answer that is under way, and a stream ends only by us.
        bridge.endStreams();
        streams.expire(app.server);
        await app.stop(closeActiveConnections);
        await mqtt.stop();
        return app;
      };
    });
  if (routes === undefined) return plugin;
  const answer = createAnswer({ bridge, settings, routes, where, streams, log });
  const quiet = { parse: "none", detail: { hide: true } } as const;
  plugin.all(routes, answer, quiet).all(`${routes}/*`, answer, quiet);
  return plugin;
}

const TEMPORARY_REDIRECT = 307;

type Where = { listensOnLoopback: boolean; findAddress: (request: Request) => string };

type AnswerParts = {
  readonly bridge: LazyBridge<GuardedBridge>;
  readonly settings: Settings;
  readonly routes: string;
  readonly where: Where;
  readonly streams: StalledStreams;
  readonly log: Logger;
};

// Not `mount`, which gives a copy of the request: of that nobody knows from where it comes.
function createAnswer({ bridge, settings, routes, where, streams, log }: AnswerParts) {
  const guard = createGuard({
    settings,
    listensOnLoopback: () => where.listensOnLoopback,
    tokens: async () => (await bridge.current()).tokens,
    basePath: routes,
    log: log.named("HTTP"),
  });
  const getRoutes = createRoutesOnce((one) => toRouteParts(one, settings, log));
  return async ({ request, path }: { readonly request: Request; readonly path: string }) => {
    // The page finds its files below the path where it is: that ends with a slash.
    if (path === routes && wantsPage(request)) {
      return Response.redirect(`${routes}/${new URL(request.url).search}`, TEMPORARY_REDIRECT);
    }
    const inner = toInner(request, path.slice(routes.length));
    const address = where.findAddress(request);
    const answer = await guard.handle(inner, address, async (whole) => {
      const { routes, meter } = getRoutes(await bridge.current());
      return meter(whole, async (enter) => routes.handle(enter(whole)));
    });
    streams.note(request, answer);
    return answer;
  };
}

// The request as the routes have it, which do not know where they are mounted.
function toInner(request: Request, path: string): Request {
  const { origin, search } = new URL(request.url);
  return new Request(`${origin}${path || "/"}${search}`, request);
}

// The routes of a bridge, made anew only for the next one.
function createRoutesOnce(toParts: (bridge: Bridge) => RouteParts) {
  const made = new WeakMap<Bridge, { readonly routes: Routes; readonly meter: Meter }>();
  return (bridge: Bridge) => {
    const known = made.get(bridge);
    if (known) return known;
    const parts = toParts(bridge);
    const { httpFigures, tracer } = parts;
    const one = { routes: createRoutes(parts), meter: createMeter(httpFigures, tracer) };
    made.set(bridge, one);
    return one;
  };
}

// Where it listens indeed: to an app that names no host, Bun's `hostname` says localhost. Bun's
// types do not know it; a socket in the file system has none.
function readAddress(server: object | null): string {
  const { address } = (server ?? {}) as { address?: { address?: string } | null };
  return address?.address ?? "";
}

function createDefaultLog(settings: Settings): Logger {
  return createLogger({
    name: "MQTTClient",
    level: settings.logLevel,
    format: settings.logFormat,
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
    writer: createLineWriter(process.stdout),
  });
}

function createMqtt(bridge: LazyBridge, settings: Settings): Mqtt {
  const { publishTimeoutMs, requestTimeoutMs } = settings;
  return {
    publish: createPublish(async (message, options) => {
      const { dispatcher, publish } = await bridge.current();
      const sent = publish(message, options);
      dispatcher.notePublish(message, sent);
      return sent;
    }, publishTimeoutMs),
    request: createRequest(async (message, options) => {
      const { dispatcher, request } = await bridge.current();
      const asked = request(message, options);
      dispatcher.notePublish(message, asked);
      return asked;
    }, requestTimeoutMs),
    state: bridge.state,
    start: bridge.start,
    stop: bridge.stop,
  };
}
