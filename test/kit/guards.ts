// The guard of HTTP, without a bridge behind it.

import type { HttpTokens } from "../../src/access/http-tokens.ts";
import { createGuard, type Guard } from "../../src/http/guard.ts";
import { createLogger } from "../../src/lib/log.ts";
import { readFrom } from "../config/settings-reader.ts";
import { createLogLines, type LogLines } from "./log-lines.ts";

const NO_TOKENS: HttpTokens = {
  isAsked: false,
  identify: async () => "wrong",
  reload: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** With flags as on the command line; on loopback, unless they name another host. */
export function openGuard(
  flags: readonly string[] = [],
  { tokens = NO_TOKENS, lines = createLogLines() }: { tokens?: HttpTokens; lines?: LogLines } = {},
): Guard {
  const { settings } = readFrom({ argv: flags });
  const { writer } = lines;
  const log = createLogger({ name: "HTTP", level: "debug", format: "json", colour: false, writer });
  return createGuard({
    settings,
    listensOnLoopback: () => settings.host === "127.0.0.1",
    tokens: () => tokens,
    log,
  });
}
