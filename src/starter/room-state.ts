// Keeps how each room is on rooms/<room>/state, retained: who subscribes later gets it at once.

import { on, t, topic } from "viaduto";

export const temperature = topic("rooms/{room}/temperature", {
  payload: t.Object({ celsius: t.Number({ minimum: -90, maximum: 60 }) }),
});

export const state = topic("rooms/{room}/state", {
  payload: t.Object({
    celsius: t.Number(),
    feels: t.Union([t.Literal("cold"), t.Literal("pleasant"), t.Literal("hot")]),
  }),
});

export default on(
  temperature,
  async ({ payload: { celsius }, params, publish }) => {
    const feels = celsius < 18 ? "cold" : celsius > 26 ? "hot" : "pleasant";
    await publish(state, params, { celsius, feels }, { retain: true });
  },
  // The messages of one room in their order; rooms do not wait for each other.
  { key: ({ params }) => params.room },
);
