// The way of spans to the collector: how it is named, what goes with them, and what happens when it
// does not take them.

import { describe, expect, test } from "bun:test";
import { findFreePort } from "../../scripts/free-port.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { parsePairs } from "../../src/tracing/pairs.ts";
import { type Bridge, startBinary, startBridge } from "../kit/bridge.ts";
import { openCollector } from "../kit/collector.ts";

const JSON_FLAGS = ["--otlp-protocol", "http/json", "--span-delay", "10"];
const TRACE = "0af7651916cd43dd8448eb211c80319c";

async function ask({ url }: Pick<Bridge, "url">, flags = "01"): Promise<void> {
  const traceparent = `00-${TRACE}-b7ad6b7169203331-${flags}`;
  await fetch(`${url}/health`, { headers: { traceparent } });
}

describe("the collector", () => {
  test("gets protobuf unless JSON is asked for, with headers and the path of traces", async () => {
    await using collector = openCollector();
    const flags = ["--otlp-endpoint", `${collector.url}/base/`, "--span-delay", "10"];
    await using bridge = await startBridge({ flags: [...flags, "--otlp-headers", "a=1,b=%20x"] });
    await ask(bridge);
    const { path, headers, bytes } = await collector.wait(() => collector.exports.at(0));
    expect(path).toBe("/base/v1/traces");
    expect(headers.get("content-type")).toBe("application/x-protobuf");
    expect([headers.get("a"), headers.get("b")]).toEqual(["1", "x"]);
    expect(bytes.includes(Buffer.from(TRACE, "hex"))).toBe(true);
    expect(bytes.includes("GET /health")).toBe(true);
  });

  test("learns the names of the bridge", async () => {
    await using collector = openCollector();
    const flags = ["--otlp-endpoint", collector.url, ...JSON_FLAGS, "--service-name", "hall"];
    const attributes = ["--resource-attributes", "deployment.environment=test,service.name=other"];
    await using bridge = await startBridge({ flags: [...flags, ...attributes] });
    await ask(bridge);
    await collector.waitForSpan("GET /health");
    expect(collector.resource).toMatchObject({
      "service.name": "hall",
      "deployment.environment": "test",
    });
  });

  test("that refuses is told of once, and once that it takes spans again", async () => {
    await using collector = openCollector();
    collector.answer(400);
    const flags = ["--otlp-endpoint", collector.url, ...JSON_FLAGS];
    await using bridge = await startBridge({ flags });
    for (const count of [1, 2, 3]) {
      await ask(bridge);
      await collector.wait(() => collector.exports.length >= count || undefined);
    }
    collector.answer(200);
    await ask(bridge);
    await bridge.waitForLine(/takes the spans again; \d were dropped/);
    const told = bridge.lines.filter((line) => line.includes("does not take the spans"));
    expect(told.length).toBe(1);
  });

  test("that is away holds nobody up: neither a request, nor the end", async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`;
    const flags = ["--otlp-endpoint", url, ...JSON_FLAGS, "--otlp-timeout", "50"];
    const bridge = await startBridge({ flags });
    await ask(bridge);
    await bridge.waitForLine(/WARN - the collector at .* does not take the spans/);
    await ask(bridge);
    await bridge[Symbol.asyncDispose]();
  });

  test("that takes a connection and says nothing does not hold up the end for long", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch() {
        asked.resolve();
        return new Promise<Response>(() => {});
      },
    });
    const flags = ["--otlp-endpoint", silent.url.href, ...JSON_FLAGS, "--otlp-timeout", "3600000"];
    const bridge = await startBridge({ flags });
    await ask(bridge);
    await asked.promise;
    await bridge[Symbol.asyncDispose]();
    await silent.stop(true);
  });

  test("gets what waits when the bridge stops", async () => {
    await using collector = openCollector();
    const flags = ["--otlp-endpoint", collector.url, "--otlp-protocol", "http/json"];
    const bridge = await startBridge({ flags });
    await ask(bridge);
    expect(collector.spans).toEqual([]);
    await bridge[Symbol.asyncDispose]();
    expect(collector.spans.map(({ name }) => name)).toContain("GET /health");
  });
});

describe("the sampler", () => {
  const spansWith = async (sampler: readonly string[], asked: readonly string[]) => {
    await using collector = openCollector();
    const flags = ["--otlp-endpoint", collector.url, ...JSON_FLAGS];
    const bridge = await startBridge({ flags: [...flags, ...sampler] });
    for (const sampled of asked) await ask(bridge, sampled);
    await bridge[Symbol.asyncDispose]();
    return collector.spans.filter(({ kind }) => kind === 2).length;
  };

  test("does as the sender of the trace did, unless it is told", async () => {
    expect(await spansWith([], ["01", "00", "01"])).toBe(2);
    expect(await spansWith(["--traces-sampler", "always_on"], ["01", "00"])).toBe(2);
    expect(await spansWith(["--traces-sampler", "always_off"], ["01", "00"])).toBe(0);
  });

  test("tells the part of the traces that it is told", async () => {
    const ratio = (part: string) => [
      "--traces-sampler",
      "traceidratio",
      "--traces-sampler-arg",
      part,
    ];
    expect(await spansWith(ratio("0"), ["01"])).toBe(0);
    expect(await spansWith(ratio("1"), ["01"])).toBe(1);
  });
});

describe("what is given wrongly", () => {
  test.each(["collector:4318", "ftp://x", "http://"])("the endpoint %p", async (endpoint) => {
    const starting = startBridge({ flags: ["--otlp-endpoint", endpoint] });
    const error = await starting.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "option_invalid" });
  });

  test.each(["x", "=x", "a=%zz", "a=1,b"])("the list %p, of which no value is told", (list) => {
    try {
      parsePairs("otlp-headers", list);
    } catch (error) {
      expect(error).toBeInstanceOf(ViadutoError);
      expect((error as ViadutoError).message).not.toContain("zz");
      return;
    }
    throw new Error("it was taken");
  });
});

test("the compiled binary exports, by OpenTelemetry's variables", async () => {
  await using collector = openCollector();
  await using bridge = await startBinary({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_SERVICE_NAME: "binary",
      OTEL_BSP_SCHEDULE_DELAY: "10",
    },
  });
  const body = JSON.stringify({ topic: "devices/update", payload: { device_id: "a" }, qos: 1 });
  await fetch(`${bridge.url}/publish`, { method: "POST", body });
  const answer = await collector.waitForSpan("publish devices/update/status/{ticket}");
  const process = await collector.waitForSpan("process devices/update");
  expect([answer.parentSpanId, answer.traceId]).toEqual([process.spanId, process.traceId]);
  expect(collector.resource["service.name"]).toBe("binary");
});
