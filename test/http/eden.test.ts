// Elysia's Eden client against the exported type of the routes: what it sends is what the routes
// take, and what it gives has the type that the schemas say.

import { expect, expectTypeOf, test } from "bun:test";
import { treaty } from "@elysiajs/eden";
import type { ViadutoApp } from "../../src/viaduto.ts";
import { startBridge } from "../kit/bridge.ts";

test("publishes, and reads what became of it", async () => {
  await using bridge = await startBridge();
  const client = treaty<ViadutoApp>(bridge.url);
  const sent = await client.publish.post({ topic: "devices/update", payload: "no JSON", qos: 1 });
  expect(sent.status).toBe(200);
  expect(sent.data).toEqual({ id: expect.any(String) });
  await bridge.waitForLine(/dead letter 1/);

  const listed = await client["dead-letters"].get({ query: { limit: 1 } });
  expectTypeOf<NonNullable<typeof listed.data>["total"]>().toEqualTypeOf<number>();
  expect(listed.data?.dead_letters[0]).toMatchObject({ id: 1, code: "payload_invalid" });
  const forgotten = await client["dead-letters"]({ id: "1" }).delete();
  expect(forgotten.status).toBe(204);
});

test("knows the errors of a route by their codes", async () => {
  await using bridge = await startBridge();
  const client = treaty<ViadutoApp>(bridge.url);
  const { error } = await client["dead-letters"]({ id: "7" }).get();
  if (error?.status !== 404) throw new Error("there is no dead letter 7");
  expectTypeOf<typeof error.value.code>().toEqualTypeOf<"dead_letter_unknown">();
  expect(error.value).toMatchObject({ code: "dead_letter_unknown", status: 404 });
});

test("refuses at compile time what the routes would refuse", () => {
  const client = treaty<ViadutoApp>("http://127.0.0.1:9");
  // @ts-expect-error: there is no QoS 3.
  const _three = () => client.publish.post({ topic: "a", payload: "", qos: 3 });
  // @ts-expect-error: a message has a topic.
  const _none = () => client.publish.post({ payload: "" });
  // @ts-expect-error: there is no such route.
  const _unknown = () => client.nowhere.get();
});

test("has the types of what the state is", async () => {
  await using bridge = await startBridge();
  const client = treaty<ViadutoApp>(bridge.url);
  const { data } = await client.health.get();
  expectTypeOf(data).toEqualTypeOf<{
    status: "ok";
    version: string;
    uptime_seconds: number;
  } | null>();
  expect(data?.status).toBe("ok");
  const { data: handlers } = await client.handlers.get();
  expect(handlers?.handlers.map(({ topic }) => topic)).toEqual(["devices/update"]);
});
