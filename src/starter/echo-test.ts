import { expect, test } from "bun:test";
import { startBridge } from "viaduto/testing";
import echo, { heard, said } from "./echo.ts";

test("what is said comes back with the name of who said it", async () => {
  await using bridge = await startBridge({ handlers: [echo] });
  await bridge.send(said, { name: "ana" }, { text: "hello" });
  const { topic, payload } = await bridge.expectMessage(heard);
  expect(topic).toBe("echo/ana/heard");
  expect(payload).toEqual({ name: "ana", text: "hello" });
});
