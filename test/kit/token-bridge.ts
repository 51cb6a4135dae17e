// A bridge with a file of tokens, and requests that show one.

import { makeTemporaryFolder, type TemporaryFolder } from "../access/temporary-folder.ts";
import { type Bridge, startBridge } from "./bridge.ts";

export type TokenBridge = AsyncDisposable & {
  readonly bridge: Bridge;
  readonly folder: TemporaryFolder;
  /** The token is left out where it is undefined. */
  ask(path: string, token: string | undefined, init?: RequestInit): Promise<Response>;
};

export const TOKENS_FILE = "tokens";

export async function openTokenBridge(
  tokens: string,
  flags: readonly string[] = [],
): Promise<TokenBridge> {
  const folder = await makeTemporaryFolder();
  const file = await folder.write(TOKENS_FILE, tokens);
  const bridge = await startBridge({ flags: ["--http-tokens-file", file, ...flags] });
  return {
    bridge,
    folder,
    ask(path, token, init = {}) {
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
      return fetch(`${bridge.url}${path}`, { redirect: "manual", ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      await bridge[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
