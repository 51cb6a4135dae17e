// Whether a request is for this bridge and from no foreign page: what holds for every door of the
// HTTP server. Made by guard.ts.

import { splitList } from "../config/door-options.ts";
import type { Settings } from "../config/read.ts";
import { ViadutoError } from "../lib/errors.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { checkHost } from "./host-check.ts";

type OriginOptions = {
  readonly settings: Pick<Settings, "httpHosts" | "lan">;
  readonly listensOnLoopback: () => boolean;
};

/**
 * What throws `host_refused` and `origin_refused`. Names are asked for where others would not find
 * us by any: on loopback, and with --lan, whose address is told as a number.
 */
export function createOriginCheck(options: OriginOptions, origins: readonly string[]) {
  const { settings, listensOnLoopback } = options;
  const given = splitList(settings.httpHosts);
  const areNamesAsked = () => listensOnLoopback() || settings.lan || given.length > 0;
  return (request: Request) => {
    checkHost(request, areNamesAsked() && !given.includes("*") ? given : undefined);
    if (isReading(request) || !isFromForeignPage(request, listensOnLoopback(), origins)) return;
    throw new ViadutoError("origin_refused");
  };
}

// A WebSocket begins as a GET, and then does whatever its page wants.
function isReading({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && !headers.has("upgrade");
}
