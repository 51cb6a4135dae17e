// State that outlives the program: it is kept by the broker, as retained messages, and is given
// back to the handler at each start (`retained: "send"`, which is the default).

import { on, t, topic } from "viaduto";

const Light = t.Object({ on: t.Boolean() });
export const light = topic("lights/{name}", { payload: Light });
export const toggle = topic("lights/{name}/toggle");

const lights = new Map<string, boolean>();

export const remember = on(light, ({ params, payload }) => {
  lights.set(params.name, payload.on);
});

export const flip = on(toggle, async ({ params, publish }) => {
  const isOn = lights.get(params.name) ?? false;
  await publish(light, params, { on: !isOn }, { retain: true });
});
