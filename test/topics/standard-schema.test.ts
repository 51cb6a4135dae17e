// Validators of other libraries, by the Standard Schema: checked, typed, and read and written apart
// where they fill in or transform.

import { describe, expect, expectTypeOf, test } from "bun:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { startBridge } from "../../src/testing.ts";
import { on, topic } from "../../src/topics/language.ts";

const VALIDATORS = {
  zod: z.object({ id: z.string(), at: z.object({ level: z.number().min(0) }) }),
  valibot: v.object({ id: v.string(), at: v.object({ level: v.pipe(v.number(), v.minValue(0)) }) }),
  arktype: type({ id: "string", at: { level: "number >= 0" } }),
} as const;

describe.each(Object.entries(VALIDATORS))("a payload of %s", (_name, payload) => {
  test("is taken when it fits, and refused with the path of what does not", () => {
    const { codec } = topic("a", { payload });
    const value = { id: "x", at: { level: 1 } };
    expect(codec.decode(codec.encode(value))).toEqual(value);
    for (const [wrong, path] of [
      ['{"id":"x","at":{"level":-1}}', "/at/level"],
      ['{"id":7,"at":{"level":1}}', "/id"],
    ] as const) {
      expect(() => codec.decode(Buffer.from(wrong))).toThrow(
        expect.objectContaining({
          code: "payload_invalid",
          facts: expect.objectContaining({ path }),
        }),
      );
    }
    expect(() => codec.encode({ id: "x" })).toThrow("the payload does not fit 'a'");
  });
});

test("the types are those of the validator", async () => {
  const state = topic("a/{id}", { payload: VALIDATORS.zod, reply: z.boolean() });
  const handler = on(state, ({ payload, params }) => {
    expectTypeOf(payload).toEqualTypeOf<{ id: string; at: { level: number } }>();
    return payload.id === params.id;
  });
  // @ts-expect-error: the reply is a boolean.
  on(state, () => "yes");
  await using bridge = await startBridge({ handlers: [handler] });
  const answer = await bridge.request(state, { id: "x" }, { id: "x", at: { level: 1 } });
  expectTypeOf(answer).toEqualTypeOf<boolean>();
  expect(answer).toBe(true);
});

test("a reader is given what is filled in, a writer gives what is sent", async () => {
  const schema = z.object({ unit: z.string().default("°C"), at: z.string().transform(Number) });
  const reading = topic("readings", { payload: schema });
  const seen = Promise.withResolvers<{ unit: string; at: number }>();
  const handler = on(reading, ({ payload }) => {
    expectTypeOf(payload).toEqualTypeOf<{ unit: string; at: number }>();
    seen.resolve(payload);
  });
  await using bridge = await startBridge({ handlers: [handler] });
  await bridge.send(reading, { at: "21.5" });
  expect(await seen.promise).toEqual({ unit: "°C", at: 21.5 });
  // @ts-expect-error: what is sent is a text.
  await expect(bridge.send(reading, { at: 21.5 })).rejects.toMatchObject({
    code: "payload_invalid",
  });
});

test("a validator that throws refuses the payload, with its words", () => {
  const validate = (): { value: string } => {
    throw new Error("no table for it");
  };
  const broken = { "~standard": { version: 1, vendor: "own", validate } } as const;
  const { codec } = topic("a", { payload: broken });
  expect(() => codec.decode(Buffer.from('"x"'))).toThrow("the validator fails (no table for it)");
});

test("a validator that takes its time is refused with words", () => {
  const slow = z.string().refine(async () => true);
  const { codec } = topic("a", { payload: slow });
  expect(() => codec.encode("x")).toThrow(/asynchronous/);
});
