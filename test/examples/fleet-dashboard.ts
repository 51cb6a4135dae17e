// The counters of a fleet's dashboard: what each vehicle says is counted, and a summary is kept as
// a retained message, so that a dashboard that opens later has it at once.

import { hooks, on, t, topic } from "viaduto";

export const position = topic("fleet/{vehicle}/position", {
  payload: t.Object({ latitude: t.Number(), longitude: t.Number(), kmh: t.Number({ minimum: 0 }) }),
});
export const summary = topic("fleet-summary", {
  payload: t.Object({ vehicles: t.Integer(), moving: t.Integer(), errors: t.Integer() }),
});

const speeds = new Map<string, number>();
let errors = 0;

export const countErrors = hooks({
  onError: () => {
    errors += 1;
  },
});

export default on(
  position,
  async ({ params, payload, publish }) => {
    speeds.set(params.vehicle, payload.kmh);
    const moving = [...speeds.values()].filter((kmh) => kmh > 0).length;
    await publish(summary, { vehicles: speeds.size, moving, errors }, { retain: true });
  },
  { key: ({ params }) => params.vehicle },
);
