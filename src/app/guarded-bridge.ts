// A bridge, and the tokens that HTTP asks for before it. Opened by app.ts and by plugin.ts.

import { type HttpTokens, openHttpTokens } from "../access/http-tokens.ts";
import type { Settings } from "../config/read.ts";
import type { Logger } from "../lib/log.ts";
import { type Bridge, type BridgeOptions, openBridge } from "./bridge.ts";

export type GuardedBridge = Bridge & { readonly tokens: HttpTokens };

/** Throws what `openBridge` throws, `file_unreadable` and `token_line_invalid`. */
export async function openGuardedBridge(options: BridgeOptions): Promise<GuardedBridge> {
  await using stack = new AsyncDisposableStack();
  const bridge = stack.use(await openBridge(options));
  const secret = bridge.lanLogin?.httpToken;
  const tokens = stack.use(await openTokens(options.settings, secret, options.log));
  const owned = stack.move();
  return {
    ...bridge,
    tokens,
    async reload() {
      await Promise.all([bridge.reload(), tokens.reload()]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

// One's own token goes before that of --lan.
function openTokens(
  { httpToken, httpTokensFile: file }: Settings,
  lanToken: string | undefined,
  log: Logger,
): Promise<HttpTokens> {
  const secret = httpToken ?? lanToken;
  const name = httpToken === undefined ? "lan" : "http-token";
  const token = secret === undefined ? undefined : { name, secret };
  return openHttpTokens({ file, token, log: log.named("HTTP") });
}
