// The composition root: a bridge, and HTTP on it. Creates everything that runs, hands it on as
// plain arguments, and closes it in reverse.

import { type Bridge, type BridgeOptions, openBridge } from "./app/bridge.ts";
import { toPacketBytesMax } from "./app/link-settings.ts";
import { toRouteParts } from "./app/route-parts.ts";
import { createWebSocketHandlers } from "./broker/listen-websocket.ts";
import { createRoutes } from "./http/routes.ts";
import { openServer } from "./http/server.ts";
import { createStreamSockets } from "./http/stream-socket.ts";

export type App = Bridge & { readonly httpPort: number };

/** The whole bridge with HTTP, running. Throws what `openBridge` throws. */
export async function openApp(options: BridgeOptions): Promise<App> {
  const { settings, log } = options;
  await using stack = new AsyncDisposableStack();
  const bridge = stack.use(await openBridge(options));
  const { broker } = bridge;
  const parts = toRouteParts(bridge, settings, log);
  const http = stack.use(
    openServer({
      host: settings.host,
      port: settings.port,
      payloadBytesMax: settings.payloadBytesMax,
      token: settings.httpToken ?? bridge.lanLogin?.httpToken,
      routes: createRoutes(parts),
      streamSockets: createStreamSockets(parts.streams),
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
