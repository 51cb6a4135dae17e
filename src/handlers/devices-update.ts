// The built-in main job, written as anyone would write a handler, who would import from "viaduto":
// a device tells its state on devices/update and is answered on devices/update/status/<ticket>.

import { on, t, topic } from "../topics/language.ts";

export const update = topic("devices/update", {
  payload: t.Object({ device_id: t.String() }, { additionalProperties: true }),
});

export const status = topic("devices/update/status/{ticket}", {
  payload: t.Object({
    device_id: t.String(),
    status: t.Literal("received"),
    request: t.Unknown(),
    timestamp: t.String({ format: "date-time" }),
  }),
});

export const devicesUpdate = on(
  update,
  async ({ payload, publish }) => {
    const ticket = String(1000 + Math.floor(Math.random() * 9000));
    const answer = {
      device_id: payload.device_id,
      status: "received" as const,
      request: payload,
      timestamp: new Date().toISOString(),
    };
    await publish(status, { ticket }, answer);
  },
  // One device's messages are answered in their order; devices do not wait for each other.
  { key: ({ payload }) => payload.device_id },
);
