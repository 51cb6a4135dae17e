// The bridge's own routes in somebody's own app are guarded as those of the server are.

import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { Elysia } from "elysia";
import { createLogger, type Logger } from "../../src/lib/log.ts";
import { viaduto } from "../../src/viaduto.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { expectProblem } from "../kit/problems.ts";

const OPTIONS = {
  data: ":memory:",
  logLevel: "error",
  will: "off",
  wsPort: "off",
  mqttPort: 0,
  payloadBytesMax: 100,
  routes: "/bridge",
} as const;
/** Bun looks every four seconds for connections on which nothing happens. */
const STOP_TIMEOUT_MS = 20_000;
const FOREIGN = { Origin: "http://evil.example" };

async function openApp(
  hostname: string | undefined,
  more: { httpToken?: string; log?: Logger } = {},
) {
  const app = new Elysia().get("/", () => "own").use(viaduto({ ...OPTIONS, ...more }));
  app.listen(hostname === undefined ? 0 : { hostname, port: 0 });
  const url = `http://127.0.0.1:${app.server?.port}`;
  return {
    url,
    ask: (path: string, init?: RequestInit) => fetch(`${url}/bridge${path}`, init),
    async [Symbol.asyncDispose]() {
      await app.stop(true);
    },
  };
}

/** Accepted, though nobody subscribes. */
const NOBODY_LISTENS = 202;

describe("the mounted routes", () => {
  test.each(["127.0.0.1", "localhost", undefined])(
    "refuse pages of other sites to change anything, listening on %s",
    async (hostname) => {
      await using app = await openApp(hostname);
      const put = { method: "PUT", body: "open" };
      const refused = await app.ask("/topics/door", { ...put, headers: FOREIGN });
      await expectProblem(refused, 403, "origin_refused");
      const purge = await app.ask("/dead-letters", { method: "DELETE", headers: FOREIGN });
      await expectProblem(purge, 403, "origin_refused");
      expect((await app.ask("/health", { headers: FOREIGN })).status).toBe(200);
      const own = await app.ask("/topics/door", { ...put, headers: { Origin: app.url } });
      expect(own.status).toBe(NOBODY_LISTENS);
      expect(await (await app.ask("/topics/door")).text()).toBe("open");
    },
  );

  test("take pages of the same host, and on loopback only those of this machine", async () => {
    const headers = { Origin: "http://pi.local", Host: "pi.local" };
    const put = { method: "PUT", body: "open", headers };
    await using open = await openApp(undefined);
    expect((await open.ask("/topics/door", put)).status).toBe(NOBODY_LISTENS);
    await using closed = await openApp("127.0.0.1");
    await expectProblem(await closed.ask("/topics/door", put), 421, "host_refused");
  });

  test("read no body that is larger than a payload needs", async () => {
    await using app = await openApp("127.0.0.1");
    const chunks = (count: number) =>
      new ReadableStream({
        pull(controller) {
          if (count-- > 0) controller.enqueue(new Uint8Array(1_000));
          else controller.close();
        },
      });
    for (const body of ["x".repeat(70_000), chunks(70)]) {
      const init = { method: "PUT", duplex: "half", body } as const;
      await expectProblem(await app.ask("/topics/a", init), 413, "payload_too_large");
    }
    expect((await app.ask("/topics/a", { method: "PUT", body: "x".repeat(100) })).status).toBe(
      NOBODY_LISTENS,
    );
  });

  test("ask for the token that they are given; the app's own routes do not", async () => {
    await using app = await openApp("127.0.0.1", { httpToken: "secret" });
    const put = { method: "PUT", body: "open" };
    await expectProblem(await app.ask("/topics/door", put), 401, "token_missing");
    const headers = { Authorization: "Bearer secret" };
    expect((await app.ask("/topics/door", { ...put, headers })).status).toBe(NOBODY_LISTENS);
    expect((await app.ask("/health")).status).toBe(200);
    expect(await (await fetch(app.url)).text()).toBe("own");
    const page = await app.ask("/?token=secret", { redirect: "manual" });
    expect(page.headers.get("Location")).toBe("/bridge/");
    const [cookie = ""] = page.headers.get("Set-Cookie")?.split(";") ?? [];
    const topics = await app.ask("/topics/door", { headers: { Cookie: cookie } });
    expect(await topics.text()).toBe("open");
  });
});

test("the mounted routes know from where a request comes", async () => {
  const { writer, waitForLine } = createLogLines();
  const log = createLogger({ name: "", level: "warn", format: "text", colour: false, writer });
  await using app = await openApp("127.0.0.1", { httpToken: "secret", log });
  const headers = { Authorization: "Bearer guess" };
  await expectProblem(await app.ask("/handlers", { headers }), 401, "token_wrong");
  await waitForLine(/refused a request from 127\.0\.0\.1: the token/);
});

test("a broker that others could reach is refused without a login", () => {
  const open = () => viaduto({ ...OPTIONS, host: "0.0.0.0" });
  expect(open).toThrow("refusing to listen on 0.0.0.0: a login for MQTT is missing");
  for (const options of [{ allowAnonymous: true }, { passwordFile: "x" }, { broker: "a" }]) {
    expect(() => viaduto({ ...OPTIONS, mqttPort: 1, host: "0.0.0.0", ...options })).not.toThrow();
  }
});

test("an app that stops does not wait for its streams", async () => {
  const app = new Elysia().use(viaduto(OPTIONS)).listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${app.server?.port}/bridge/stream?filter=a`;
  const stream = await fetch(url);
  expect(stream.headers.get("Content-Type")).toStartWith("text/event-stream");
  const text = stream.text();
  await app.stop();
  expect(await text).toContain("event: state");
});

test(
  "an app that stops does not wait for a client of a stream that does not read",
  async () => {
    const app = new Elysia()
      .use(viaduto({ ...OPTIONS, streamBytesMax: 64 << 20, streamMessagesMax: 10_000 }))
      .listen({ hostname: "127.0.0.1", port: 0 });
    const { watching, observing } = await app.decorator.mqtt.start();
    const socket = connect(app.server?.port ?? 0, "127.0.0.1");
    socket.pause();
    socket.on("error", () => {}); // A reset is an end as well.
    socket.write("GET /bridge/stream?filter=a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (watching.watch.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const payload = Buffer.alloc(64 << 10, "x");
    // Until what is written is not taken any more.
    while (watching.watch.waitingMessages < 200) {
      observing.observation.note("a", { payload, qos: 0, retain: false });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await app.stop();
    expect(app.server?.pendingRequests ?? 0).toBe(0);
    socket.destroy();
  },
  STOP_TIMEOUT_MS,
);
