// Answers what somebody says on echo/<name>, on echo/<name>/heard.

import { on, t, topic } from "viaduto";

export const said = topic("echo/{name}", {
  payload: t.Object({ text: t.String() }),
});

export const heard = topic("echo/{name}/heard", {
  payload: t.Object({ name: t.String(), text: t.String() }),
});

export default on(said, async ({ payload, params, publish }) => {
  await publish(heard, { name: params.name }, { name: params.name, text: payload.text });
});
