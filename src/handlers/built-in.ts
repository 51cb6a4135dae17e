// What runs where there is no folder of handlers: the main job. Run by the app, shown by check.

import type { HandlerSet } from "../topics/handler.ts";
import { devicesUpdate, status } from "./devices-update.ts";

export const BUILT_IN: HandlerSet = {
  handlers: [{ name: "devices-update", handler: devicesUpdate }],
  hooks: [],
  topics: [{ name: "status", topic: status }],
};
