// A token's filters hold at every route that has a topic, and lists show only what it may read.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeLetter } from "../kit/dead-letters.ts";
import { expectProblem } from "../kit/problems.ts";
import { openTokenBridge, TOKENS_FILE, type TokenBridge } from "../kit/token-bridge.ts";

const TOKENS = `
token full full
read
publish
admin
token some some
read devices/#
publish devices/+/set
deny devices/secret/#
`;

let opened: TokenBridge;
beforeAll(async () => {
  opened = await openTokenBridge(TOKENS);
});
afterAll(() => opened[Symbol.asyncDispose]());

const put = (path: string, token: string) => opened.ask(path, token, { method: "PUT", body: "x" });
const publish = (topic: string, token: string) => {
  const body = JSON.stringify({ topic, payload: "x" });
  return opened.ask("/publish", token, { method: "POST", body });
};

describe("publishing", () => {
  test("to its own topics is allowed, by both ways", async () => {
    expect((await put("/topics/devices/1/set", "some")).status).toBe(202);
    expect((await publish("devices/1/set", "some")).ok).toBeTrue();
  });

  test.each(["devices/1/get", "devices/secret/set", "devices/1/set/x", "other"])(
    "to %s is refused by both ways, and nothing is published",
    async (topic) => {
      for (const answer of [await put(`/topics/${topic}`, "some"), await publish(topic, "some")]) {
        const { detail } = await expectProblem(answer, 403, "topic_forbidden");
        expect(detail).toContain(`no right to publish '${topic}'`);
      }
      const value = await opened.ask(`/topics/${topic}`, "full");
      await expectProblem(value, 404, "value_unknown");
    },
  );

  test("with a response topic is allowed where that is its own as well", async () => {
    const one = (response_topic: string) => {
      return { topic: "devices/1/set", payload: "x", properties: { response_topic } };
    };
    const send = async (responseTopic: string) => {
      const post = (path: string, body: unknown) => {
        return opened.ask(path, "some", { method: "POST", body: JSON.stringify(body) });
      };
      const headers = { "MQTT-Response-Topic": responseTopic };
      return [
        await post("/publish", one(responseTopic)),
        await post("/publish/bulk", [one("devices/2/set"), one(responseTopic)]),
        await put(`/topics/devices/1/set?response_topic=${responseTopic}`, "some"),
        await opened.ask("/topics/devices/1/set", "some", { method: "PUT", body: "x", headers }),
      ];
    };
    for (const answer of await send("devices/2/set")) expect(answer.ok).toBeTrue();
    for (const topic of ["other", "devices/secret/set", "devices/1/state"]) {
      for (const answer of await send(topic)) {
        const { detail } = await expectProblem(answer, 403, "topic_forbidden");
        expect(detail).toContain(`no right to publish '${topic}'`);
      }
    }
  });

  test.each([
    "/topics/devices/x/..%2f..%2fother",
    "/topics/devices%2fsecret%2fset",
    "/topics/devices/1/set/../../secret/set",
    "/topics/devices/%73ecret/set",
    "/topics/%64evices/1/%2e%2e/secret/set",
    "/topics//devices/1/set",
    "/topics/devices%252f1%252fset",
  ])("%s is judged by the topic that it names", async (path) => {
    await expectProblem(await put(path, "some"), 403, "topic_forbidden");
  });
});

test("reading is allowed where a filter of its own holds, and a denial does not", async () => {
  for (const topic of ["devices/1/state", "devices/secret/state", "other"]) {
    expect((await put(`/topics/${topic}`, "full")).ok).toBeTrue();
  }
  expect((await opened.ask("/topics/devices/1/state", "some")).status).toBe(200);
  for (const topic of ["devices/secret/state", "other", "never-seen"]) {
    const answer = await opened.ask(`/topics/${topic}`, "some");
    await expectProblem(answer, 403, "topic_forbidden");
  }
});

test("dead letters and handlers are shown as far as their topics may be read", async () => {
  const { deadLetters } = opened.bridge.app;
  const topics = ["devices/1", "devices/secret/1", "other", "devices/2"];
  const ids = await Promise.all(
    topics.map((topic) => deadLetters.put(makeLetter({}, { topic, retain: false }))),
  );
  const list = async (query: string) => {
    const answer = await opened.ask(`/dead-letters${query}`, "some");
    const { dead_letters } = (await answer.json()) as { dead_letters: { topic: string }[] };
    return dead_letters.map(({ topic }) => topic).sort();
  };
  expect(await list("")).toEqual(["devices/1", "devices/2"]);
  expect(await list("?topic=%23")).toEqual(["devices/1", "devices/2"]);
  expect(await list("?topic=other")).toEqual([]);
  for (const [at, id] of ids.entries()) {
    const { status } = await opened.ask(`/dead-letters/${id}`, "some");
    expect([topics[at], status]).toEqual([topics[at], at === 0 || at === 3 ? 200 : 403]);
  }
  const handlersOf = async (token: string) => {
    const answer = await opened.ask("/handlers", token);
    return ((await answer.json()) as { handlers: unknown[] }).handlers.length;
  };
  expect([await handlersOf("full"), await handlersOf("some")]).toEqual([1, 1]);
});

test("what the file says later holds from then on, without a restart", async () => {
  await using own = await openTokenBridge("token one one\nread\n");
  expect((await own.ask("/handlers", "one")).status).toBe(200);
  await own.folder.write(TOKENS_FILE, "token one one\npublish\ntoken two two\nread other/#\n");
  await own.bridge.app.reload();
  await expectProblem(await own.ask("/handlers", "one"), 403, "scope_missing");
  const answer = await own.ask("/handlers", "two");
  expect(await answer.json()).toMatchObject({ handlers: [] });
});
