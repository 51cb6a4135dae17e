// A collector of spans, as OpenTelemetry's: it takes OTLP over HTTP, as JSON or protobuf, and shows
// what came. What is protobuf it keeps as bytes.

import { createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

export type CollectedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  readonly name: string;
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
};

type Export = { readonly headers: Headers; readonly path: string; readonly bytes: Buffer };

export type Collector = AsyncDisposable & {
  readonly url: string;
  readonly exports: readonly Export[];
  readonly spans: readonly CollectedSpan[];
  /** Of the resource that sent the latest spans. */
  readonly resource: CollectedSpan["attributes"];
  /** The status with which it answers from now on. */
  answer(status: number): void;
  /** The first value that `look` gives, now or after an export. */
  wait<T>(look: () => T | undefined): Promise<T>;
  /** The span of that name. */
  waitForSpan(name: string): Promise<CollectedSpan>;
};

type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean };
type Attribute = { readonly key: string; readonly value: Value };
type JsonSpan = Omit<CollectedSpan, "attributes" | "isFailed"> & {
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code?: number };
};
type Body = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
};

export function openCollector(port = 0): Collector {
  const changes = createChanges();
  const exports: Export[] = [];
  const spans: CollectedSpan[] = [];
  let resource: CollectedSpan["attributes"] = {};
  let status = 200;
  const take = ({ resourceSpans }: Body) => {
    for (const one of resourceSpans) {
      resource = toRecord(one.resource.attributes);
      spans.push(...one.scopeSpans.flatMap((scope) => scope.spans.map(toSpan)));
    }
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      const bytes = Buffer.from(await request.arrayBuffer());
      const { headers, url } = request;
      exports.push({ headers, path: new URL(url).pathname, bytes });
      const isJson = headers.get("content-type") === "application/json";
      if (status === 200 && isJson) take(JSON.parse(bytes.toString()));
      changes.announce();
      return isJson ? Response.json({}, { status }) : new Response(null, { status });
    },
  });
  const wait = <T>(look: () => T | undefined) => {
    const names = () => spans.map(({ name }) => name).join(", ");
    return changes.wait(look, WAIT_TIMEOUT_MS, () => new Error(`there is only ${names()}`));
  };
  return {
    url: `http://127.0.0.1:${server.port}`,
    exports,
    spans,
    get resource() {
      return resource;
    },
    answer(next) {
      status = next;
    },
    wait,
    waitForSpan: (name) => wait(() => spans.find((span) => span.name === name)),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function toSpan({ attributes, status, parentSpanId, ...span }: JsonSpan): CollectedSpan {
  return {
    ...span,
    parentSpanId: parentSpanId || undefined,
    isFailed: status?.code === 2,
    attributes: toRecord(attributes),
  };
}

function toRecord(attributes: readonly Attribute[]): CollectedSpan["attributes"] {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => {
      return [key, stringValue ?? boolValue ?? Number(intValue)];
    }),
  );
}
