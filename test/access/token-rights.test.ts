// What a token may do: scopes, and filters that hold or refuse a topic or a filter as a whole.

import { describe, expect, test } from "bun:test";
import {
  ALL_RIGHTS,
  judge,
  type Rights,
  SCOPES,
  type Verdict,
} from "../../src/access/token-rights.ts";

const rights: Rights = {
  grants: [
    { scope: "read", filter: "devices/#" },
    { scope: "read", filter: "rooms/+/temperature" },
    { scope: "publish", filter: "devices/+/set" },
  ],
  denials: ["devices/secret/#", "devices/+/key"],
};

const READS: [topicOrFilter: string, verdict: Verdict][] = [
  ["devices/1", "allowed"],
  ["devices", "allowed"],
  ["devices/1/#", "topic_forbidden"], // devices/1/key is in it.
  ["devices/1/state", "allowed"],
  ["devices/1/key", "topic_forbidden"],
  ["devices/+/state", "topic_forbidden"], // devices/secret/state is in it.
  ["devices/secret", "topic_forbidden"],
  ["devices/#", "topic_forbidden"],
  ["#", "topic_forbidden"],
  ["+", "topic_forbidden"],
  ["rooms/a/temperature", "allowed"],
  ["rooms/+/temperature", "allowed"],
  ["rooms/#", "topic_forbidden"],
  ["rooms/a/temperature/now", "topic_forbidden"],
  ["devices2", "topic_forbidden"],
  ["", "topic_forbidden"],
];

describe("a token with filters", () => {
  test.each(READS)("reads %s: %s", (topicOrFilter, verdict) => {
    expect(judge(rights, "read", topicOrFilter)).toBe(verdict);
  });

  test("publishes only what its lines for publishing name", () => {
    expect(judge(rights, "publish", "devices/1/set")).toBe("allowed");
    expect(judge(rights, "publish", "devices/secret/set")).toBe("topic_forbidden");
    expect(judge(rights, "publish", "rooms/a/temperature")).toBe("topic_forbidden");
  });

  test("has a scope when it is asked without a topic, and lacks what it was not given", () => {
    expect(judge(rights, "read")).toBe("allowed");
    expect(judge(rights, "admin")).toBe("scope_missing");
    expect(judge({ grants: [], denials: [] }, "read", "a")).toBe("scope_missing");
  });
});

test("a wildcard does not reach the broker's own topics; a grant without a filter does", () => {
  const one: Rights = { grants: [{ scope: "read", filter: "#" }], denials: [] };
  expect(judge(one, "read", "a/b")).toBe("allowed");
  expect(judge(one, "read", "#")).toBe("allowed");
  expect(judge(one, "read", "$SYS/#")).toBe("topic_forbidden");
  for (const scope of SCOPES) expect(judge(ALL_RIGHTS, scope, "$SYS/#")).toBe("allowed");
});

test("a denial of all leaves the broker's own topics, and the other way round", () => {
  const own: Rights = { ...ALL_RIGHTS, denials: ["#"] };
  expect(judge(own, "read", "a")).toBe("topic_forbidden");
  expect(judge(own, "read", "$SYS/uptime")).toBe("allowed");
  const others: Rights = { ...ALL_RIGHTS, denials: ["$SYS/#"] };
  expect(judge(others, "read", "#")).toBe("allowed");
  expect(judge(others, "read", "$SYS/broker/+")).toBe("topic_forbidden");
});
