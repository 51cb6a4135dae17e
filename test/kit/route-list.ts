// Every route of the app, from its own list.

import { toRouteParts } from "../../src/app/route-parts.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { createLogger } from "../../src/lib/log.ts";
import { readFrom } from "../config/settings-reader.ts";
import { startBridge } from "./bridge.ts";
import { createLogLines } from "./log-lines.ts";

/** `path` as it is written in the code: with `*` and `:name`. */
export type Route = { readonly method: string; readonly path: string };

export async function listRoutes(): Promise<readonly Route[]> {
  await using bridge = await startBridge();
  const { writer } = createLogLines();
  const log = createLogger({ name: "", level: "error", format: "text", colour: false, writer });
  const parts = toRouteParts(bridge.app, readFrom().settings, log);
  return createRoutes(parts).routes.map(({ method, path }) => ({ method, path }));
}
