// Rights that change while the broker runs, members of one group with different rights, and clients
// whose certificate is their login.

import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { ANA, BOSS, type GuardedBroker, startGuarded } from "../kit/guarded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;
const BOSS_ALONE = "user boss\ntopic readwrite #\n";

describe("rights that are withdrawn by a reload count at once", () => {
  test("for one who is connected, in both directions", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    await using boss = await broker.connect("boss", BOSS);
    await subscribe(ana, "open/#");
    await subscribe(boss, "#");
    await publish(ana, "open/a", { payload: "before" });
    await publish(boss, "open/a", { payload: "kept", retain: true });
    await broker.setAcl(BOSS_ALONE);
    for (const qos of [0, 1, 2] as const) await publish(boss, "open/a", { payload: "after", qos });
    await publish(ana, "open/a", { payload: "denied", qos: 0 });
    expect(payloadsOf(await receivedUntilNow(ana))).toEqual(["before", "kept"]);
    expect(payloadsOf(await receivedUntilNow(boss))).not.toContain("denied");
    expect(await subscribe(ana, "open/b")).toEqual([0x87]);
  });

  test("for what waits already: within the window of one who is connected", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", { ...ANA, properties: { receiveMaximum: 1 } });
    await using boss = await broker.connect("boss", BOSS);
    await subscribe(ana, "open/#");
    for (const topic of ["open/a", "open/a", "open/b"]) await publish(boss, topic);
    const first = await ana.next("publish");
    await broker.setAcl(`${BOSS_ALONE}user ana\ntopic read open/b\n`);
    ana.sendPacket({ cmd: "puback", messageId: first.messageId ?? 0 });
    expect((await ana.next("publish")).topic).toBe("open/b");
  });

  test.each([
    ["and of what comes then", true],
    ["and of what waits already", false],
  ])("for one who is away, %s nothing is delivered", async (_name, isFirst) => {
    await using broker = await startGuarded();
    const ana = await broker.connect("ana", { ...ANA, ...KEPT });
    await subscribe(ana, "open/#");
    await crash(broker, ana, "ana");
    await using boss = await broker.connect("boss", BOSS);
    const withdraw = () => broker.setAcl(`${BOSS_ALONE}user ana\ntopic read open/b\n`);
    if (isFirst) await withdraw();
    for (const topic of ["open/a", "open/b"]) await publish(boss, topic);
    if (!isFirst) await withdraw();
    await using again = await broker.connect("ana", { ...ANA, ...KEPT });
    expect((await receivedUntilNow(again)).map(({ topic }) => topic)).toEqual(["open/b"]);
  });

  test("and rights that are given, for subscriptions that are there", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    await subscribe(ana, "#");
    await using boss = await broker.connect("boss", BOSS);
    await publish(boss, "elsewhere");
    await broker.setAcl(`${BOSS_ALONE}user ana\ntopic read #\n`);
    await publish(boss, "elsewhere", { payload: "now" });
    expect(payloadsOf(await receivedUntilNow(ana))).toEqual(["now"]);
  });
});

test("who comes as another user with the client id of a session is refused", async () => {
  await using broker = await startGuarded();
  const first = await broker.connect("shared id", { ...BOSS, ...KEPT });
  await subscribe(first, "#");
  await crash(broker, first, "shared id");
  await using boss = await broker.connect("boss", BOSS);
  for (const topic of ["elsewhere", "open/a"]) await publish(boss, topic);
  for (const clean of [false, true]) {
    const coming = broker.connect("shared id", { ...ANA, ...KEPT, clean });
    await expect(coming).rejects.toThrow("CONNACK says 135");
  }
  await using back = await broker.connect("shared id", { ...BOSS, ...KEPT });
  const topics = (await receivedUntilNow(back)).map(({ topic }) => topic);
  expect(topics).toEqual(["elsewhere", "open/a"]);
});

test("a message for a group goes to a member that may read it, whosever turn it is", async () => {
  await using broker = await startGuarded();
  await using ana = await broker.connect("ana", ANA);
  await using boss = await broker.connect("boss", BOSS);
  for (const member of [ana, boss]) await subscribe(member, "$share/group/#");
  await using publisher = await broker.connect("publisher", BOSS);
  for (const payload of ["1", "2", "3"]) await publish(publisher, "elsewhere", { payload });
  expect(payloadsOf(await receivedUntilNow(boss))).toEqual(["1", "2", "3"]);
  expect(await receivedUntilNow(ana)).toEqual([]);
  await boss[Symbol.asyncDispose]();
  await publish(publisher, "elsewhere");
  expect(await receivedUntilNow(ana)).toEqual([]);
});

test("a will whose right was withdrawn is not published", async () => {
  await using broker = await startGuarded();
  const will = { topic: "open/a", payload: Buffer.from("x"), qos: 1, retain: true } as const;
  const ana = await broker.connect("ana", { ...ANA, will });
  await broker.setAcl(BOSS_ALONE);
  await crash(broker, ana, "ana");
  await using boss = await broker.connect("boss", BOSS);
  await subscribe(boss, "#");
  expect(await receivedUntilNow(boss)).toEqual([]);
});

/** A port whose clients have shown a certificate of this name. */
async function openCertified({ broker }: GuardedBroker, certificateName: string) {
  const peer = { address: "127.0.0.1:1", host: "127.0.0.1", door: "tls", certificateName } as const;
  const server = createServer((socket) => broker.accept(socket, peer));
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return { port: address.port, [Symbol.dispose]: () => void server.close() };
}

test("a certificate is a login, whatever CONNECT says, and has its user's rights", async () => {
  await using broker = await startGuarded();
  using door = await openCertified(broker, "ana");
  for (const login of [{}, BOSS]) {
    await using client = await connectRaw(door.port);
    client.sendPacket(connectPacket(5, "client", login));
    expect((await client.next("connack")).reasonCode).toBe(0);
    expect(await subscribe(client, "open/a")).toEqual([1]);
    expect(await subscribe(client, "inbox")).toEqual([0x87]);
  }
});
