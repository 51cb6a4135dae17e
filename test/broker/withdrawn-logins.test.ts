// A password that is changed, or a login that is removed, while its client is connected.

import { describe, expect, test } from "bun:test";
import { openTestAccess, toPasswordLines } from "../access/open-access.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { ANA, BOSS, startGuarded } from "../kit/guarded-broker.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";
import { startSlowStorage } from "../kit/slow-storage.ts";

const BOSS_ALONE = /^boss:/;

describe("when the password file is read again", () => {
  test("who is in it no more, or with another password, is disconnected and told why", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    await using boss = await broker.connect("boss", BOSS);
    await broker.setPasswords(broker.passwordLines.filter((line) => BOSS_ALONE.test(line)));
    const removed = await ana.next("disconnect");
    expect(removed).toMatchObject({
      reasonCode: 0x98,
      properties: { reasonString: "its login was removed" },
    });
    await ana.closed;
    await broker.waitForLog(/WARN - client 'ana' was closed: its login was removed, from /);
    await broker.setPasswords([(await toPasswordLines({ boss: "new" })).trimEnd()]);
    const changed = await boss.next("disconnect");
    expect(changed).toMatchObject({
      reasonCode: 0x98,
      properties: { reasonString: "its password was changed" },
    });
    await expect(broker.connect("boss", BOSS)).rejects.toThrow("CONNACK says 134");
    const password = Buffer.from("new");
    await using _again = await broker.connect("boss", { ...BOSS, password });
  });

  test("over MQTT 3.1.1 the connection is closed", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", { version: 4, ...ANA });
    await broker.setPasswords([]);
    await ana.closed;
    expect(ana.packets.map(({ cmd }) => cmd)).toEqual(["connack"]);
  });

  test("whose line did not change stays, also when the line is elsewhere", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    await using boss = await broker.connect("boss", BOSS);
    await subscribe(ana, "open/#");
    const more = (await toPasswordLines({ ida: "x" })).trimEnd();
    await broker.setPasswords([more, ...broker.passwordLines.toReversed()]);
    await publish(boss, "open/a", { payload: "still there" });
    expect(payloadsOf(await receivedUntilNow(ana))).toEqual(["still there"]);
  });

  test("who came without a name stays", async () => {
    const passwords = await toPasswordLines({ ana: "secret" });
    await using opened = await openTestAccess({ passwords }, { allowAnonymous: true });
    await using broker = await startEmbedded({ access: opened.access });
    await using nobody = await broker.connect("nobody");
    await using ana = await broker.connect("ana", ANA);
    await opened.folder.write("passwords", "");
    await opened.access.reload();
    await ana.closed;
    expect(await subscribe(nobody, "a")).toEqual([1]);
  });

  test("whose CONNACK still waits for the disk never gets it", async () => {
    const passwords = await toPasswordLines({ ana: "secret" });
    await using opened = await openTestAccess({ passwords });
    await using broker = await startSlowStorage({ access: opened.access });
    await using client = await connectRaw(broker.port);
    const will = { topic: "will", payload: Buffer.from("x"), qos: 1, retain: false } as const;
    const granted = Promise.withResolvers<void>();
    const { login } = opened.access;
    Object.assign(opened.access, {
      async login(...asked: Parameters<typeof login>) {
        const result = await login(...asked);
        setImmediate(granted.resolve);
        return result;
      },
    });
    client.sendPacket(connectPacket(5, "ana", { ...ANA, will }));
    await granted.promise;
    await opened.folder.write("passwords", "");
    await opened.access.reload();
    await client.closed;
    broker.release();
    expect(client.packets).toEqual([]);
  });
});
