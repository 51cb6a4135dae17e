// Parameters: `{room}` is one level of the topic, `{rest...}` all that follow. They are typed, and
// what is put into a topic is checked: a room "a/b" would be an error, never another topic.

import { on, t, topic } from "viaduto";

export const reading = topic("rooms/{room}/sensors/{path...}", {
  payload: t.Object({ celsius: t.Number() }),
});
export const alarm = topic("alarms/{room}", {
  payload: t.Object({ sensor: t.String(), celsius: t.Number() }),
});

export default on(reading, async ({ params, payload, publish }) => {
  const { room, path } = params;
  if (payload.celsius > 30) await publish(alarm, { room }, { sensor: path, ...payload });
});
