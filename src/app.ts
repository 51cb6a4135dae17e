// The composition root: a bridge, and HTTP on it. Creates everything that runs, hands it on as
// plain arguments, and closes it in reverse.

import type { Bridge, BridgeOptions } from "./app/bridge.ts";
import { openGuardedBridge } from "./app/guarded-bridge.ts";
import { toPacketBytesMax } from "./app/link-settings.ts";
import { toRouteParts } from "./app/route-parts.ts";
import { createWebSocketHandlers } from "./broker/listen-websocket.ts";
import { isLoopback } from "./config/loopback.ts";
import { createMeter } from "./http/exchange.ts";
import { createGuard } from "./http/guard.ts";
import { createRoutes } from "./http/routes.ts";
import { openServer } from "./http/server.ts";
import { createStreamSockets } from "./http/stream-socket.ts";

export type App = Bridge & { readonly httpPort: number };

/** The whole bridge with HTTP, running. Throws what `openGuardedBridge` throws. */
export async function openApp(options: BridgeOptions): Promise<App> {
  const { settings, log } = options;
  await using stack = new AsyncDisposableStack();
  const bridge = stack.use(await openGuardedBridge(options));
  const { broker } = bridge;
  const parts = toRouteParts(bridge, settings, log);
  const http = stack.use(
    openServer({
      host: settings.host,
      port: settings.port,
      guard: createGuard({
        settings,
        listensOnLoopback: () => isLoopback(settings.host),
        tokens: () => bridge.tokens,
        log: log.named("HTTP"),
      }),
      routes: createRoutes(parts),
      meter: createMeter(parts.httpFigures, parts.tracer),
      streamSockets: createStreamSockets(parts.streams, parts.values),
      webSocket: broker && createWebSocketHandlers(broker.accept, toPacketBytesMax(settings)),
    }),
  );
  const owned = stack.move();
  return {
    ...bridge,
    httpPort: http.port,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
