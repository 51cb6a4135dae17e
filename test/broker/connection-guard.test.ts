// What reaches aedes and `receive` through the guard, and in what order. What the guard refuses is
// in connection-answers.test.ts and malformed-*.test.ts.

import { describe, expect, test } from "bun:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Client } from "aedes";
import type { Packet } from "mqtt-packet";
import { createGuard } from "../../src/broker/connection-guard.ts";
import { createPipe } from "../../src/broker/pipe.ts";
import { openGuarded } from "../kit/guarded-connection.ts";
import { connectBytes, field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const CONNECT = connectBytes({ clientId: "guarded" });
const PING = packetBytes(0xc0);
const publish = (payload: string, qos = 0) => {
  const identifier = qos ? integer16(1) : [];
  return packetBytes(0x30 | (qos << 1), field("a"), identifier, propertyList(), payload);
};
const labelOf = (packet: Packet) => {
  return packet.cmd === "publish" ? `publish ${packet.payload}` : packet.cmd;
};

/** aedes has these without their types. */
type Paused = Client & { pause(): void; resume(): void };

/** Takes every packet but PINGREQ, and remembers them. */
function createReceiver() {
  const received: string[] = [];
  const receive = (packet: Packet) => {
    received.push(labelOf(packet));
    return packet.cmd !== "pingreq";
  };
  return { received, receive };
}

describe("what comes behind CONNECT", () => {
  test("in one chunk with it goes through `receive` in order, once it is answered", async () => {
    const { received, receive } = createReceiver();
    await using guarded = await openGuarded({ receive });
    const seen: string[] = [];
    guarded.aedes.on("publish", ({ topic }, client) => client && seen.push(topic));
    guarded.send(CONNECT, publish("1"), publish("2", 1), publish("3"), PING);
    await guarded.waitForPacket("pingresp");
    expect(received).toEqual(["publish 1", "publish 2", "publish 3", "pingreq"]);
    expect(seen).toEqual([]);
    expect(guarded.sent.map(({ cmd }) => cmd)).toEqual(["connack", "pingresp"]);
  });

  test("waits as long as CONNECT is not answered, and is not lost", async () => {
    const { received, receive } = createReceiver();
    const asked = Promise.withResolvers<() => void>();
    const authenticate = (
      ...[, , , done]: [unknown, unknown, unknown, (e: null, ok: true) => void]
    ) => {
      asked.resolve(() => done(null, true));
    };
    await using guarded = await openGuarded({ receive }, { authenticate });
    guarded.send(CONNECT, publish("1"), publish("2").subarray(0, 4));
    const letIn = await asked.promise;
    guarded.send(publish("2").subarray(4));
    guarded.send(publish("3"), PING);
    await nextTurn();
    expect(received).toEqual([]);
    letIn();
    await guarded.waitForPacket("pingresp");
    expect(received).toEqual(["publish 1", "publish 2", "publish 3", "pingreq"]);
  });

  test("is not looked at when CONNECT is refused", async () => {
    const { received, receive } = createReceiver();
    await using guarded = await openGuarded({ receive });
    guarded.send(connectBytes({ flags: 0x03 }), publish("1"));
    await guarded.closed;
    expect(received).toEqual([]);
    expect(guarded.bytes()).toBe("2003008100");
  });
});

describe("`receive`", () => {
  test("gets no CONNECT, and what it does not take is aedes'", async () => {
    const received: string[] = [];
    const receive = (packet: Packet) => received.push(labelOf(packet)) < 0;
    await using guarded = await openGuarded({ receive });
    guarded.send(CONNECT, publish("1", 1));
    await guarded.waitForPacket("puback");
    expect(received).toEqual(["publish 1"]);
  });

  test("is not asked for what is malformed, nor for anything behind it", async () => {
    const { received, receive } = createReceiver();
    await using guarded = await openGuarded({ receive });
    guarded.send(
      CONNECT,
      publish("1"),
      packetBytes(0x30, field("a/+"), propertyList()),
      publish("2"),
    );
    await guarded.closed;
    expect(received).toEqual(["publish 1"]);
    expect(guarded.errors).toEqual(["packet refused: the topic has a wildcard"]);
  });

  test("ends its own connection when it throws, and no other", async () => {
    const receive = () => {
      throw new Error("a defect");
    };
    await using guarded = await openGuarded({ receive });
    const [near, far] = createPipe();
    createGuard({ packetBytesMax: 1_000 })(guarded.aedes.handle(far));
    const other = Promise.withResolvers<void>();
    near.on("data", (chunk: Buffer) => chunk.includes(Buffer.of(0xd0, 0)) && other.resolve());
    guarded.send(CONNECT, publish("1"));
    await guarded.closed;
    expect(guarded.errors).toEqual(["the packet could not be handled"]);
    near.write(Buffer.concat([connectBytes({ clientId: "other" }), PING]));
    await other.promise;
    near.destroy();
  });

  test("keeps a client alive with what it takes", async () => {
    const { receive } = createReceiver();
    await using guarded = await openGuarded({ receive });
    const ready = new Promise<object>((resolve) => guarded.aedes.once("clientReady", resolve));
    guarded.send(CONNECT);
    const client = (await ready) as { _keepaliveTimer: NodeJS.Timeout };
    const refreshed = new Promise<void>((resolve) => {
      client._keepaliveTimer.refresh = () => {
        resolve();
        return client._keepaliveTimer;
      };
    });
    guarded.send(publish("1"));
    await refreshed;
  });
});

describe("packets are handled in turn", () => {
  const watch = async (act: (client: Paused, label: string) => void) => {
    const received: string[] = [];
    const depths: number[] = [];
    let depth = 0;
    const ready = Promise.withResolvers<Paused>();
    let client: Paused | undefined;
    const guarded = await openGuarded({
      receive(packet) {
        depth += 1;
        depths.push(depth);
        received.push(labelOf(packet));
        if (client) act(client, labelOf(packet));
        depth -= 1;
        return packet.cmd !== "pingreq";
      },
    });
    guarded.aedes.once("clientReady", (one) => ready.resolve(one as Paused));
    guarded.send(CONNECT);
    client = await ready.promise;
    return { guarded, received, depths, client };
  };

  test("also when a handler makes the guard read on in the middle of one", async () => {
    const { guarded, received, depths } = await watch((client) => client.resume());
    await using _closing = guarded;
    guarded.send(publish("1"), publish("2"), publish("3"), PING);
    await guarded.waitForPacket("pingresp");
    expect(received).toEqual(["publish 1", "publish 2", "publish 3", "pingreq"]);
    expect(depths).toEqual([1, 1, 1, 1]);
  });

  test("and no more is read while aedes has a hundred in hand", async () => {
    const waiting: (() => void)[] = [];
    const changes = createChanges();
    const authorizePublish = (_client: unknown, _packet: unknown, done: () => void) => {
      waiting.push(done);
      changes.announce();
    };
    await using guarded = await openGuarded({}, { authorizePublish });
    const waitForCount = (count: number) => {
      const toError = () => new Error(`${waiting.length} packets came, not ${count}`);
      return changes.wait(() => waiting.length >= count || undefined, WAIT_TIMEOUT_MS, toError);
    };
    guarded.send(CONNECT);
    await guarded.waitForPacket("connack");
    guarded.send(...Array.from({ length: 100 }, (_, at) => publish(String(at))));
    await waitForCount(100);
    guarded.send(publish("100"));
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(waiting).toHaveLength(100);
    waiting[0]?.();
    await waitForCount(101);
  });

  test("and a pause holds back what came in the same chunk", async () => {
    const paused = Promise.withResolvers<void>();
    const { guarded, received, client } = await watch((sender, label) => {
      if (label !== "publish 1") return;
      sender.pause();
      paused.resolve();
    });
    await using _closing = guarded;
    guarded.send(publish("1"), publish("2"), PING);
    await paused.promise;
    expect(received).toEqual(["publish 1"]);
    client.resume();
    await guarded.waitForPacket("pingresp");
    expect(received).toEqual(["publish 1", "publish 2", "pingreq"]);
  });
});
