// Request and reply: what a handler returns answers who asked. Over MQTT 5 the asker names the
// response topic (`mosquitto_rr`); over 3.1.1 the reply goes to the topic that is declared here.

import { on, t, topic } from "viaduto";

const converted = topic("units/{unit}/reply", { payload: t.Object({ celsius: t.Number() }) });

export const convert = topic("units/{unit}", {
  payload: t.Object({ degrees: t.Number() }),
  reply: converted,
});

/** A handler may ask, too: `request` gives the typed reply, or fails after its timeout. */
export const report = topic("report", { payload: t.Object({ fahrenheit: t.Number() }) });
export const reported = topic("reported", { payload: t.String(), content: "text" });

export const convertUnit = on(convert, ({ params, payload }) => {
  if (params.unit !== "fahrenheit") throw new Error(`no such unit: ${params.unit}`);
  return { celsius: ((payload.degrees - 32) * 5) / 9 };
});

export const makeReport = on(report, async ({ payload, request, publish }) => {
  const question = { degrees: payload.fahrenheit };
  const { celsius } = await request(convert, { unit: "fahrenheit" }, question, { timeout: 1_000 });
  await publish(reported, `${celsius.toFixed(1)} °C`);
});
