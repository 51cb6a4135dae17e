// What `viaduto sub` sends, packet by packet, what it makes of refusals, and wrong command lines.

import { describe, expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import {
  type ScriptedBroker,
  type ScriptedConnection,
  startScriptedBroker,
} from "../kit/scripted-broker.ts";
import { at, runTool, startTool } from "./tool-runner.ts";

/** Takes the connection and its SUBSCRIBE; answers that with the codes. */
async function grant(broker: ScriptedBroker, codes: number[]): Promise<ScriptedConnection> {
  const connection = await broker.next();
  await connection.next("connect");
  connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
  const { messageId = 0 } = await connection.next("subscribe");
  connection.send({ cmd: "suback", messageId, granted: codes });
  return connection;
}

const message = (payload: string, more: Partial<IPublishPacket> = {}): IPublishPacket => {
  return { cmd: "publish", topic: "a", payload, qos: 0, dup: false, retain: false, ...more };
};

describe("sub acknowledges", () => {
  test("each message when it is printed, and those that it leaves out too", async () => {
    await using broker = await startScriptedBroker();
    const argv = ["-t", "a", "-q", "2", "-C", "2", "-R"];
    await using sub = startTool(["sub", ...at(broker.port), ...argv]);
    const connection = await grant(broker, [2]);
    connection.send(message("stale", { qos: 1, messageId: 7, retain: true }));
    expect((await connection.next("puback")).messageId).toBe(7);
    connection.send(message("one", { qos: 1, messageId: 8 }));
    expect((await connection.next("puback")).messageId).toBe(8);
    await sub.waitForLine(/^one$/);
    connection.send(message("two", { qos: 2, messageId: 9 }));
    expect((await connection.next("pubrec")).messageId).toBe(9);
    await connection.next("disconnect");
    expect([await sub.ended, sub.stdout()]).toEqual([0, "one\ntwo\n"]);
  });

  test("PUBREL with PUBCOMP", async () => {
    await using broker = await startScriptedBroker();
    await using _sub = startTool(["sub", ...at(broker.port), "-t", "a", "-q", "2"]);
    const connection = await grant(broker, [2]);
    connection.send(message("x", { qos: 2, messageId: 9 }));
    await connection.next("pubrec");
    connection.send({ cmd: "pubrel", messageId: 9 });
    expect((await connection.next("pubcomp")).messageId).toBe(9);
  });

  test("nothing beyond the count: what is not printed stays with the broker", async () => {
    await using broker = await startScriptedBroker();
    await using sub = startTool(["sub", ...at(broker.port), "-t", "a", "-q", "1", "-C", "1"]);
    const connection = await grant(broker, [1]);
    connection.send(message("one", { qos: 1, messageId: 1 }));
    connection.send(message("two", { qos: 1, messageId: 2 }));
    await connection.next("disconnect");
    expect((await connection.next("puback")).messageId).toBe(1);
    expect(connection.waiting("puback")).toBe(0);
    expect([await sub.ended, sub.stdout()]).toEqual([0, "one\n"]);
  });
});

describe("sub subscribes", () => {
  test("once to each filter, and asks for nothing retained with -R", async () => {
    await using broker = await startScriptedBroker();
    const filters = ["b/{id}", "7", "b/+"].flatMap((filter) => ["-t", filter]);
    await using _sub = startTool(["sub", ...at(broker.port), ...filters, "-R", "-q", "1"]);
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    const { subscriptions } = await connection.next("subscribe");
    expect(subscriptions.map(({ topic }) => topic).sort()).toEqual(["7", "b/+"]);
    for (const { qos, rh } of subscriptions) expect([qos, rh]).toEqual([1, 2]);
  });

  test("with a session when -c or -x asks for one", async () => {
    const expiry: readonly (readonly [string[], number])[] = [
      [["-c"], 0xffff_ffff],
      [["-c", "-x", "60"], 60],
      [["-x", "∞"], 0xffff_ffff],
      [["-D", "connect", "session-expiry-interval", "9"], 9],
    ];
    for (const [flags, sessionExpiryInterval] of expiry) {
      await using broker = await startScriptedBroker();
      await using _sub = startTool(["sub", ...at(broker.port), "-t", "a", "-i", "me", ...flags]);
      const connection = await broker.next();
      const { clean, clientId, properties } = await connection.next("connect");
      expect([clean, clientId]).toEqual([false, "me"]);
      expect(properties?.sessionExpiryInterval).toBe(sessionExpiryInterval);
    }
  });

  test("and ends with 1 when every filter is refused", async () => {
    await using broker = await startScriptedBroker();
    await using sub = startTool(["sub", ...at(broker.port), "-t", "a", "-t", "b"]);
    await grant(broker, [0x87, 0x87]);
    expect(await sub.ended).toBe(1);
    expect(sub.stderr()).toContain("refused the subscription to 'a'");
  });

  test("and goes on with what is granted when some are refused", async () => {
    await using broker = await startScriptedBroker();
    const argv = ["sub", ...at(broker.port), "-t", "b", "-t", "7", "-C", "1"];
    await using sub = startTool(argv);
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    const { messageId = 0, subscriptions } = await connection.next("subscribe");
    // In the order in which they were sent, which need not be that of the command line.
    const granted = subscriptions.map(({ topic }) => (topic === "7" ? 0x87 : 0));
    connection.send({ cmd: "suback", messageId, granted });
    await sub.waitForLine(/refused the subscription to '7'/);
    connection.send(message("x", { topic: "b" }));
    expect([await sub.ended, sub.stdout()]).toEqual([0, "x\n"]);
    expect(sub.stderr()).not.toContain("'b'");
  });
});

describe("sub used wrongly ends with 2, and says what to do", () => {
  const cases: readonly (readonly [string, string[], string])[] = [
    ["no topic", [], "the topic (-t) is missing"],
    ["a filter with # in the middle", ["-t", "a/#/b"], "# is only allowed at the end"],
    ["a filter with a+", ["-t", "a+"], "mixes text with"],
    ["a filter to leave out that is none", ["-t", "a", "-T", "#/a"], "'#/a' is no topic pattern"],
    ["an unknown letter", ["-t", "a", "-m", "x"], "there is no flag '-m'"],
    ["an unknown name", ["-t", "a", "--verbos"], "did you mean '--verbose'?"],
    ["a count of 0", ["-t", "a", "-C", "0"], "-C is '0'"],
    ["a timeout that is no number", ["-t", "a", "-W", "1s"], "-W is '1s'"],
    ["nothing left to print", ["-t", "a", "-R", "--retained-only"], "-R and --retained-only"],
    ["a session without a name", ["-t", "a", "-c"], "-i, the name of the session, is missing"],
    ["an expiry below 0", ["-t", "a", "-i", "me", "-x", "-2"], "-x is '-2'"],
    ["an unknown field", ["-t", "a", "-F", "%t %k"], "-F is '%k'"],
    ["a format that ends in %", ["-t", "a", "-F", "%"], "-F is '%'"],
    ["an unknown escape", ["-t", "a", "-F", "\\q"], "-F is '\\q'"],
    [
      "a property that it cannot set",
      ["-t", "a", "-D", "subscribe", "user-property", "k", "v"],
      "session-expiry-interval",
    ],
    ["a topic in a ws:// URL", ["-L", "ws://a/topic"], "the topic (-t) is missing"],
  ];
  for (const [name, argv, words] of cases) {
    test(name, async () => {
      const { exitCode, stdout, stderr } = await runTool(["sub", "--quiet", ...argv]);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(words);
      expect(stderr).toContain("\n  → ");
    });
  }
});

test("sub --help has every flag, in lines that a projector shows", async () => {
  const { stdout, exitCode } = await runTool(["sub", "--help"]);
  expect(exitCode).toBe(0);
  for (const letter of "hpLuPikVtTqvFNCWRcxd") expect(stdout).toContain(`  -${letter}, --`);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(88);
});
