// The bridge inside one's own Elysia app: typed topics in the routes, handlers beside them, one
// process. `app.listen(3000)` starts all of it, `app.stop()` ends it.

import { Elysia } from "elysia";
import { on, t, topic, viaduto } from "viaduto";

const Door = t.Object({ isOpen: t.Boolean() });
export const state = topic("doors/{door}/state", { payload: Door });
export const command = topic("doors/{door}/command", { payload: Door, reply: t.String() });

const doors = new Map<string, boolean>();

const remember = on(state, ({ params, payload }) => {
  doors.set(params.door, payload.isOpen);
});

export function createApp(options: Parameters<typeof viaduto>[0] = {}) {
  return new Elysia()
    .use(viaduto({ handlers: [remember], ...options }))
    .get("/doors/:door", ({ params, status }) => {
      const isOpen = doors.get(params.door);
      return isOpen === undefined ? status(404) : { isOpen };
    })
    .post("/doors/:door/open", ({ params, mqtt }) => {
      return mqtt.request(command, params, { isOpen: true }, { timeout: 2_000 });
    });
}
