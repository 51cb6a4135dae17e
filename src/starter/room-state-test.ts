import { expect, test } from "bun:test";
import { startBridge } from "viaduto/testing";
import roomState, { state, temperature } from "./room-state.ts";

test.each([
  [12, "cold"],
  [21, "pleasant"],
  [35, "hot"],
] as const)("a room of %d °C feels %s", async (celsius, feels) => {
  await using bridge = await startBridge({ handlers: [roomState] });
  await bridge.send(temperature, { room: "kitchen" }, { celsius });
  const { payload } = await bridge.expectMessage(state);
  expect(payload).toEqual({ celsius, feels });
});
