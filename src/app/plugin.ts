// The bridge as a library: `new Elysia().use(viaduto({ handlers }))`. It starts when the app
// listens and stops with it; nothing connects when the module is imported.

import { Elysia } from "elysia";
import { type Settings, toSettings } from "../config/read.ts";
import type { OptionValues } from "../config/schema.ts";
import { createPublish, createRequest } from "../handlers/typed-client.ts";
import { createRoutes, type Routes } from "../http/routes.ts";
import { toViadutoError } from "../lib/errors.ts";
import { createLineWriter } from "../lib/line-writer.ts";
import { createLogger, type Logger } from "../lib/log.ts";
import type { LinkState } from "../link/state.ts";
import type { AnyHandler, CommonHooks } from "../topics/handler.ts";
import { toHandlerSet } from "../topics/handler-set.ts";
import type { Request as Ask, Publish } from "../topics/topic.ts";
import { type Bridge, openBridge } from "./bridge.ts";
import { toRouteParts } from "./route-parts.ts";

/** The options of the command line under the names of the schema, but those of the HTTP server. */
export type ViadutoOptions = Partial<Omit<OptionValues, "handlers" | "port" | "config">> & {
  /** What to run: handlers and hooks, or the folder they are in. None when absent. */
  readonly handlers?: readonly (AnyHandler | CommonHooks)[] | string;
  /** In place of lines on stdout. */
  readonly log?: Logger;
  /** Where the bridge's own routes (`/publish`, `/topics/…`, `/ready`, …) are mounted; not at all
   * when absent, since whoever reaches them can publish. */
  readonly routes?: `/${string}`;
};

/** The bridge in the context of an app's routes. */
export type Mqtt = {
  /** Publishes a typed value; starts the bridge when the app does not listen yet. */
  readonly publish: Publish;
  /** Asks, and gives the typed reply. */
  readonly request: Ask;
  /** The connection to the broker; "closed" before the start and after the end. */
  readonly state: () => LinkState["kind"];
  /** Resolves when the bridge runs; it is the same start however often it is called. */
  readonly start: () => Promise<Bridge>;
  /** Finishes what runs and closes. `app.stop()` waits for it. */
  readonly stop: () => Promise<void>;
};

/**
 * An Elysia plugin: the app's context gets `mqtt`, and the handlers run as long as the app listens.
 * Throws `option_invalid` at once; what goes wrong at the start is told in the log, and rejects
 * every publish.
 */
export function viaduto(options: ViadutoOptions = {}) {
  const { handlers = [], log: given, routes, ...values } = options;
  const isFolder = typeof handlers === "string";
  const settings = toSettings({ ...values, ...(isFolder && { handlers }) });
  const log = given ?? createDefaultLog(settings);
  const mqtt = createMqtt(() => {
    return openBridge({
      settings,
      log,
      handlers: isFolder ? undefined : toHandlerSet(handlers),
    });
  }, settings);
  const plugin = new Elysia({ name: "viaduto" }).decorate("mqtt", mqtt).onStart((app) => {
    mqtt.start().catch((error) => log.problem("error", toViadutoError(error)));
    // Elysia does not wait for its stop handlers. Remove when it does.
    const { stop } = app;
    app.stop = async (closeActiveConnections) => {
      await stop(closeActiveConnections);
      await mqtt.stop();
      return app;
    };
  });
  if (routes === undefined) return plugin;
  let own: Routes | undefined;
  return plugin.mount(routes, async (request: Request) => {
    own ??= createRoutes(toRouteParts(await mqtt.start(), settings, log));
    return own.handle(request);
  });
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

function createMqtt(open: () => Promise<Bridge>, { requestTimeoutMs }: Settings): Mqtt {
  let running: Bridge | undefined;
  let opening: Promise<Bridge> | undefined;
  const start = () => {
    opening ??= open().then((bridge) => {
      running = bridge;
      return bridge;
    });
    return opening;
  };
  return {
    publish: createPublish(async (message, options) => {
      const bridge = await start();
      bridge.dispatcher.notePublish(message);
      return bridge.publish(message, options);
    }),
    request: createRequest(async (message, options) => {
      const bridge = await start();
      bridge.dispatcher.notePublish(message);
      return bridge.link.request(message, options);
    }, requestTimeoutMs),
    state: () => running?.link.state.kind ?? "closed",
    start,
    async stop() {
      // A start that failed has left nothing open.
      await opening?.then((bridge) => bridge[Symbol.asyncDispose]()).catch(() => {});
    },
  };
}
