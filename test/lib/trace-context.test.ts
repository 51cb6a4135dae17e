// What is taken for a trace context, by the rules of the W3C.

import { describe, expect, test } from "bun:test";
import { readTraceContext, readTraceHeaders } from "../../src/lib/trace-context.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const traceparent = TRACEPARENT;

describe("traceparent", () => {
  test.each([
    TRACEPARENT,
    TRACEPARENT.replace(/01$/, "00"),
    TRACEPARENT.replace(/01$/, "ff"),
    TRACEPARENT.replace(/^00/, "cc"),
    `${TRACEPARENT.replace(/^00/, "cc")}-more.of-it`,
  ])("%s is one", (given) => {
    expect(readTraceContext(given)).toEqual({ traceparent: given });
  });

  test.each([
    "",
    ` ${TRACEPARENT}`,
    `${TRACEPARENT}\n`,
    `${TRACEPARENT},${TRACEPARENT}`,
    `${TRACEPARENT}-`,
    TRACEPARENT.replace(/^00/, "0"),
    TRACEPARENT.replace(/^00/, "ff"),
    TRACEPARENT.replace("0af", "0AF"),
    TRACEPARENT.replace("0af", "0ag"),
    TRACEPARENT.replace(/-01$/, ""),
    `${TRACEPARENT.replace(/^00/, "cc")}x`,
    `${TRACEPARENT.replace(/^00/, "cc")}-${"x".repeat(200)}`,
  ])("%p is none", (given) => {
    expect(readTraceContext(given, "a=1")).toBeUndefined();
  });
});

describe("tracestate", () => {
  test("several are one list, in their order", () => {
    const context = readTraceContext(TRACEPARENT, ["a=1", "b=2"]);
    expect(context).toEqual({ traceparent, tracestate: "a=1,b=2" });
  });

  test("empty, too long, not printable, or none: it is left out", () => {
    for (const given of ["", "x".repeat(513), "a=\n", "a=ü", null, []]) {
      expect(readTraceContext(TRACEPARENT, given)).toEqual({ traceparent });
    }
  });

  test("says nothing alone", () => {
    expect(readTraceHeaders(new Headers({ tracestate: "a=1" }))).toBeUndefined();
    const headers = new Headers({ traceparent, tracestate: "a=1" });
    headers.append("tracestate", "b=2");
    expect(readTraceHeaders(headers)).toEqual({ traceparent, tracestate: "a=1, b=2" });
    headers.append("traceparent", TRACEPARENT);
    expect(readTraceHeaders(headers)).toBeUndefined();
  });
});
