// DELETE /clients/<id> over real sockets: whom it disconnects, however that one is called.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type ClientsBridge, idsOf, startClientsBridge } from "../kit/clients-bridge.ts";
import { subscribe } from "../kit/messages.ts";
import { expectProblem } from "../kit/problems.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

let on: ClientsBridge;
beforeEach(async () => {
  on = await startClientsBridge();
});
afterEach(() => on[Symbol.asyncDispose]());

describe("DELETE /clients/<id>", () => {
  test("disconnects with a reason, publishes the will and leaves the session", async () => {
    await using watcher = await on.enter("watcher");
    await subscribe(watcher, "last/words", 0);
    const will = { topic: "last/words", payload: Buffer.from("gone"), qos: 0, retain: false };
    const properties = { sessionExpiryInterval: 60 };
    await using ana = await on.enter("ana", { properties, will });
    const answer = await on.ask("/ana", "DELETE");
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect((await ana.next("disconnect")).reasonCode).toBe(0x98);
    await ana.closed;
    expect(String((await watcher.next("publish")).payload)).toBe("gone");
    await expectProblem(await on.ask("/ana"), 404, "client_unknown");
    await expectProblem(await on.ask("/ana", "DELETE"), 404, "client_unknown");
    await on.bridge.waitForLine(/client 'ana' was closed: disconnected by an operator, from 127/);
    await using again = await connectRaw(on.bridge.mqttPort);
    again.sendPacket(connectPacket(5, "ana", { clean: false, properties }));
    expect((await again.next("connack")).sessionPresent).toBeTrue();
  });

  test("closes the connection of who speaks MQTT 3.1.1", async () => {
    await using old = await on.enter("old", {}, 4);
    expect((await on.ask("/old", "DELETE")).status).toBe(204);
    await old.closed;
    expect(old.packets.map(({ cmd }) => cmd)).toEqual(["connack"]);
  });

  test("ends the one who holds the id, and not the one whose it was", async () => {
    await using first = await on.enter("same");
    await using second = await on.enter("same");
    expect((await on.ask("/same", "DELETE")).status).toBe(204);
    expect((await first.next("disconnect")).reasonCode).toBe(0x8e);
    expect((await second.next("disconnect")).reasonCode).toBe(0x98);
  });

  test("never disconnects the bridge itself", async () => {
    await using watcher = await on.enter("watcher");
    await subscribe(watcher, "viaduto/+/status", 0);
    const { topic } = await watcher.next("publish");
    const id = topic.split("/")[1] ?? "";
    expect(id).toStartWith("bridge-");
    await expectProblem(await on.ask(`/${id}`), 404, "client_unknown");
    await expectProblem(await on.ask(`/${id}`, "DELETE"), 404, "client_unknown");
    expect(on.bridge.app.link.state.kind).toBe("connected");
  });

  test("without an id is refused: nobody disconnects all by mistake", async () => {
    await using _ana = await on.enter("ana");
    expect((await on.ask("", "DELETE")).status).toBe(405);
    expect((await on.ask("/", "DELETE")).status).toBe(404); // An id that nobody has.
    expect(idsOf(await on.list())).toEqual(["ana"]);
  });
});

describe("ids that are hard to write", () => {
  test.each([
    "a/b",
    "a//b/",
    "/",
    "100%",
    "%2F",
    "a?b#c&d=e",
    "a b+c",
    "a;b:c@d",
    "…/../etc",
    "ü 日本 🙂",
    "__proto__",
    "constructor",
    "-".repeat(2_000),
  ])("%j is found, and disconnected", async (id) => {
    await using client = await on.enter(id);
    expect((await on.find(id)).client_id).toBe(id);
    expect((await on.ask(`/${encodeURIComponent(id)}`, "DELETE")).status).toBe(204);
    await client.next("disconnect");
  });

  test.each(["__proto__", "constructor", "%", "%ff", "%00", "%0d%0aX-Evil:%201", "a%2"])(
    "%s is nobody's when nobody has it",
    async (written) => {
      const answer = await on.ask(`/${written}`, "DELETE");
      expect(answer.headers.has("X-Evil")).toBeFalse();
      await expectProblem(answer, 404, "client_unknown");
    },
  );

  test("what could turn a line of a terminal around comes escaped", async () => {
    const id = "a\u202eb\u2028c";
    await using _client = await on.enter(id);
    for (const path of ["", `/${encodeURIComponent(id)}`]) {
      const text = await (await on.ask(path)).text();
      expect(text).toContain(String.raw`"client_id":"a\u202eb\u2028c"`);
    }
    const unknown = await on.ask("/%1b%5b2J%e2%80%ae");
    expect((await expectProblem(unknown, 404, "client_unknown")).detail).toBe(
      String.raw`no client '\u001b[2J\u202e' is connected`,
    );
  });
});

test("a page of another site disconnects nobody", async () => {
  await using _ana = await on.enter("ana");
  const init = { method: "DELETE", headers: { Origin: "http://evil.example" } };
  await expectProblem(await fetch(`${on.bridge.url}/clients/ana`, init), 403, "origin_refused");
  expect(idsOf(await on.list())).toEqual(["ana"]);
});
