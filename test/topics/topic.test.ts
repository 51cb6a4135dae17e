// What the compiler knows of topics, handlers and publishing. Wrong lines are marked; one that
// became right would fail the type check.

import { describe, expect, expectTypeOf, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import { type Context, on } from "../../src/topics/handler.ts";
import { type Publish, t, topic } from "../../src/topics/topic.ts";

const update = topic("devices/update", {
  payload: t.Object({ device_id: t.String(), level: t.Optional(t.Number()) }),
});
const status = topic("devices/{id}/status/{rest...}", {
  payload: t.Object({ status: t.Literal("received") }),
});
const anything = topic("any/thing");
const text = topic("some/text", { content: "text" });
const bytes = topic("some/{name}", { content: "bytes" });

/** Only for the compiler: nothing in it is run. */
const onlyTypes = (_check: (publish: Publish) => unknown) => {};

describe("a topic", () => {
  test("has its pattern, schema, content and codec", () => {
    expect(update.pattern.filter).toBe("devices/update");
    expect(status.pattern.filter).toBe("devices/+/status/#");
    expect([update.content, text.content, bytes.content]).toEqual(["json", "text", "bytes"]);
    expect(update.codec.decode(Buffer.from('{"device_id":"7"}'))).toEqual({ device_id: "7" });
    expect(text.codec.decode(Buffer.from("hello"))).toBe("hello");
    expect(anything.codec.decode(Buffer.from("[null]"))).toEqual([null]);
  });

  test("with a pattern that is none throws", () => {
    expect(() => topic("a/#/b")).toThrow(ViadutoError);
  });
});

describe("a handler", () => {
  test("is its topic, function and options", () => {
    const run = () => {};
    expect(on(update, run)).toEqual({ kind: "handler", topic: update, run, options: {} });
    expect(on(update, run, { qos: 2 }).options).toEqual({ qos: 2 });
  });

  test("knows the types of payload and params", () => {
    on(update, ({ payload, params }) => {
      expectTypeOf(payload.device_id).toEqualTypeOf<string>();
      expectTypeOf(payload.level).toEqualTypeOf<number | undefined>();
      expectTypeOf<keyof typeof params>().toEqualTypeOf<never>();
      // @ts-expect-error: there is no such field.
      payload.device;
      // @ts-expect-error: there is no such parameter.
      params.id;
    });
    on(status, ({ payload, params }) => {
      expectTypeOf(payload.status).toEqualTypeOf<"received">();
      expectTypeOf(params).toEqualTypeOf<{ readonly id: string; readonly rest: string }>();
      // @ts-expect-error: a misspelt name.
      params.ID;
    });
    on(anything, ({ payload }) => expectTypeOf(payload).toEqualTypeOf<unknown>());
    on(text, ({ payload }) => expectTypeOf(payload).toEqualTypeOf<string>());
    on(bytes, ({ payload }) => expectTypeOf(payload).toEqualTypeOf<Uint8Array>());
  });

  test("knows them in its key as well", () => {
    on(update, () => {}, { key: ({ payload }) => payload.device_id });
    on(status, () => {}, { key: ({ params }) => params.id });
    // @ts-expect-error: a key is a text.
    on(update, () => {}, { key: ({ payload }) => payload.level ?? 0 });
    // @ts-expect-error: there is no such field.
    on(update, () => {}, { key: ({ payload }) => payload.id });
    // @ts-expect-error: QoS is 0, 1 or 2.
    expect(() => on(update, () => {}, { qos: 3 })).toThrow("qos is '3' (from on(devices/update))");
  });

  test("publishes with the same types", () => {
    on(update, async ({ publish, payload }) => {
      const params = { id: payload.device_id, rest: "a/b" };
      const result = await publish(status, params, { status: "received" });
      expectTypeOf(result.reasonCode).toEqualTypeOf<number>();
    });
    expectTypeOf<Context["publish"]>().toEqualTypeOf<Publish>();
  });
});

test("publishing without parameters takes the value, then the options", () => {
  onlyTypes((publish) => {
    publish(update, { device_id: "7" });
    publish(update, { device_id: "7", level: 1 }, { qos: 2, retain: true, token: "x" });
    publish(anything, 1);
    publish(text, "hello");
    // @ts-expect-error: the value is missing.
    publish(update);
    // @ts-expect-error: a field is missing.
    publish(update, {});
    // @ts-expect-error: a field of the wrong type.
    publish(update, { device_id: 7 });
    // @ts-expect-error: there are no parameters.
    publish(update, {}, { device_id: "7" });
    // @ts-expect-error: text is text.
    publish(text, 1);
    // @ts-expect-error: QoS is 0, 1 or 2.
    publish(anything, 1, { qos: 3 });
    // @ts-expect-error: there is no such option.
    publish(anything, 1, { retained: true });
  });
});

test("publishing with parameters takes them first, all of them and no others", () => {
  onlyTypes((publish) => {
    publish(status, { id: "7", rest: "a" }, { status: "received" });
    publish(bytes, { name: "x" }, new Uint8Array());
    publish(bytes, { name: "x" }, Buffer.from("x"), { qos: 0 });
    // @ts-expect-error: the parameters are missing.
    publish(status, { status: "received" });
    // @ts-expect-error: one parameter is missing.
    publish(status, { id: "7" }, { status: "received" });
    // @ts-expect-error: a misspelt parameter.
    publish(status, { ID: "7", rest: "a" }, { status: "received" });
    // @ts-expect-error: a parameter is a text.
    publish(status, { id: 7, rest: "a" }, { status: "received" });
    // @ts-expect-error: a value that the schema does not have.
    publish(status, { id: "7", rest: "a" }, { status: "lost" });
    // @ts-expect-error: the value is missing.
    publish(status, { id: "7", rest: "a" });
  });
});
