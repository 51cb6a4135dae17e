// The broker's log for people: who came, from where, and why someone was refused.

import { describe, expect, test } from "bun:test";
import { connect as connectSocket } from "node:net";
import { openTestAccess, toPasswordLines } from "../access/open-access.ts";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { publish } from "../kit/messages.ts";
import { connectBytes } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

const FROM = String.raw`127\.0\.0\.1:\d+`;

/** The lines from a level on, without time and name. */
function linesOf({ logLines }: EmbeddedBroker, ...levels: string[]): string[] {
  return logLines
    .map((line) => line.replace(/^.*? - Broker - /, ""))
    .filter((line) => levels.some((level) => line.startsWith(level)));
}

async function logIn(broker: EmbeddedBroker, id: string, username?: string, password?: string) {
  const client = await connectRaw(broker.port);
  client.sendPacket(
    connectPacket(5, id, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password: Buffer.from(password) }),
    }),
  );
  return client;
}

describe("who comes", () => {
  test("is told with version, address and user", async () => {
    await using broker = await startEmbedded();
    await using _one = await broker.connect("one");
    await using _two = await broker.connect("two", { version: 4, username: "ana" });
    await using _three = await broker.connect("three", { version: 3 });
    await broker.waitForLog(/'three' connected/);
    const [one, two, three] = linesOf(broker, "INFO");
    expect(one).toMatch(new RegExp(`^INFO - client 'one' connected from ${FROM} \\(MQTT 5\\)$`));
    expect(two).toEndWith("(MQTT 3.1.1, user 'ana')");
    expect(three).toEndWith("(MQTT 3.1)");
  });

  test("and leaves by itself, is no news", async () => {
    await using broker = await startEmbedded();
    const client = await broker.connect("polite");
    client.sendPacket({ cmd: "disconnect" });
    await broker.waitForLog(/DEBUG - client 'polite' left/);
    await using rude = await broker.connect("rude");
    rude.destroy(); // Without DISCONNECT; the connection ended in order.
    await broker.waitForLog(/DEBUG - client 'rude' left/);
    expect(linesOf(broker, "WARN", "ERROR")).toEqual([]);
  });

  test("with an id that is in use, is told with both addresses", async () => {
    await using broker = await startEmbedded();
    await using _old = await broker.connect("twin");
    await using _new = await broker.connect("twin");
    await broker.waitForLog(
      new RegExp(`INFO - client 'twin' came again, from ${FROM}: its connection from ${FROM} is`),
    );
    expect(linesOf(broker, "WARN")).toEqual([]);
  });
});

describe("who vanishes", () => {
  test("by a reset is told, and warned of nobody", async () => {
    await using broker = await startEmbedded();
    const socket = connectSocket({ port: broker.port, host: "127.0.0.1" });
    socket.write(connectBytes({ clientId: "unplugged" }));
    await new Promise((resolve) => socket.once("data", resolve));
    socket.resetAndDestroy();
    await broker.waitForLog(
      new RegExp(`INFO - client 'unplugged' is gone: .*ECONNRESET.* \\(${FROM}\\)`),
    );
    expect(linesOf(broker, "WARN")).toEqual([]);
  });

  test("by its silence is told with the reason", async () => {
    await using broker = await startEmbedded();
    await using silent = await broker.connect("silent", { keepalive: 1 });
    await silent.closed;
    await broker.waitForLog(/INFO - client 'silent' is gone: keep alive timeout \(127/);
    expect(linesOf(broker, "WARN")).toEqual([]);
  });
});

describe("a refused login", () => {
  test.each([
    [undefined, undefined, "it has no user name (--allow-anonymous lets it in)"],
    ["ana", undefined, "it has no password (--password-file asks for one)"],
    ["ana", "x", "'ana' has another password (viaduto passwd changes it in --password-file)"],
    ["eve", "x", "there is no user 'eve' (viaduto passwd adds one to --password-file)"],
  ])("of %p with %p says why, and what to change", async (username, password, words) => {
    const passwords = await toPasswordLines({ ana: "geheim" });
    await using opened = await openTestAccess({ passwords });
    await using broker = await startEmbedded({ access: opened.access });
    await using client = await logIn(broker, "door-7", username, password);
    await client.closed;
    const line = await broker.waitForLog(/'door-7' was refused/);
    const wanted = new RegExp(`WARN - client 'door-7' was refused: (.*), from ${FROM}$`);
    expect(wanted.exec(line)?.[1]).toBe(words);
  });

  test("for its will names the topic", async () => {
    await using opened = await openTestAccess({ acl: "topic open/#\n" }, { allowAnonymous: true });
    await using broker = await startEmbedded({ access: opened.access });
    await using client = await connectRaw(broker.port);
    const will = { topic: "vault", payload: Buffer.from("x"), qos: 0, retain: false } as const;
    client.sendPacket(connectPacket(5, "burglar", { will }));
    await client.closed;
    await broker.waitForLog(
      /not authorized: it may not publish its will to 'vault' \(--acl-file\)/,
    );
  });

  test("a thousand of them make few lines, and none is lost", async () => {
    const passwords = await toPasswordLines({ ana: "geheim" });
    await using opened = await openTestAccess({ passwords }, { loginFailuresMax: 100_000 });
    const broker = await startEmbedded({ access: opened.access });
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, at) => {
          const id = `${round}-${at}`;
          // Names cost the broker a hash.
          return logIn(broker, `client ${id}`, at < 5 ? `user ${id}` : undefined, undefined);
        }),
      );
      await Promise.all(clients.map(({ closed }) => closed));
    }
    await broker[Symbol.asyncDispose]();
    const lines = linesOf(broker, "WARN");
    expect(lines).toHaveLength(12);
    expect(lines.slice(-2).sort()).toEqual([
      "WARN - 895 times more: refused: it has no user name; from 127.0.0.1 (895)",
      "WARN - 95 times more: refused: there is no user '…'; from 127.0.0.1 (95)",
    ]);
  });
});

describe("names that strangers choose", () => {
  test("are cut, and cannot end their quotes or move a cursor", async () => {
    await using broker = await startEmbedded();
    const id = `x' connected from 1.2.3.4:5 (MQTT 5, user 'eve\u202e\\${"y".repeat(65_000)}`;
    await using _client = await broker.connect(id, { username: "\u2028u'".repeat(1_000) });
    const line = await broker.waitForLog(/connected from 127/);
    expect(line.length).toBeLessThan(700);
    const escaped = String.raw`client 'x\' connected from 1.2.3.4:5 (MQTT 5, user \'eve\u202e\\y`;
    expect(line).toContain(escaped);
    expect(line).toMatch(/yy…' \(6\d+ more characters\) connected from 127\./);
    expect(line).toContain(String.raw`user '\u2028u\'\u2028u\'`);
    expect(line).toMatch(/^[\x20-\x7e…]+$/);
  });

  test("and topics as well", async () => {
    await using opened = await openTestAccess({ acl: "topic open/#\n" }, { allowAnonymous: true });
    await using broker = await startEmbedded({ access: opened.access });
    await using client = await broker.connect("curious");
    await publish(client, `vault' ${"x".repeat(4_000)}`);
    const line = await broker.waitForLog(/was denied/);
    expect(line).toMatch(
      /client 'curious' was denied 'vault\\' x+…' \(\d+ more characters\) \(--acl-file\)$/,
    );
  });

  test("a thousand clients that are denied a topic make few lines", async () => {
    await using opened = await openTestAccess({ acl: "topic open/#\n" }, { allowAnonymous: true });
    const broker = await startEmbedded({ access: opened.access });
    for (let at = 0; at < 100; at++) {
      await using client = await broker.connect(`client ${at}`);
      for (let topic = 0; topic < 10; topic++) await publish(client, `vault/${at}/${topic}`);
    }
    await broker[Symbol.asyncDispose]();
    expect(linesOf(broker, "WARN")).toHaveLength(6);
    expect(linesOf(broker, "WARN").at(-1)).toContain("995 times more: a client was denied a topic");
  });
});

test("who connects again and again is told thirty times, and then as a number", async () => {
  const broker = await startEmbedded();
  for (let at = 0; at < 40; at++) await (await broker.connect("again"))[Symbol.asyncDispose]();
  await broker.waitForConnections(0);
  await broker[Symbol.asyncDispose]();
  const lines = linesOf(broker, "INFO").filter((line) => / connected/.test(line));
  expect(lines).toHaveLength(31);
  expect(lines.at(-1)).toBe("INFO - 10 times more: a client connected; from 127.0.0.1 (10)");
});
