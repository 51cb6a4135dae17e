// What a fuzzer says to a broker: MQTT that is nearly right, and bytes that are nothing.

import { generate, type IConnectPacket, type Packet } from "mqtt-packet";
import type { Random } from "./random.ts";

type Version = 3 | 4 | 5;

const CLIENT_IDS = ["a", "b", "c", "__proto__", "constructor", "toString", ""] as const;
const TOPICS = ["a", "a/b", "$SYS/x/new/clients", "constructor", "__proto__", "//", "ü/ß"] as const;
const FILTERS = ["#", "+", "a/#", "+/b", "a", "constructor", "__proto__", "$SYS/#", "//"] as const;
const BYTES = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff] as const;

/** The bytes of one connection: a CONNECT as a rule, then some packets, most of them broken. */
export function createConversation(random: Random): Buffer[] {
  const version = random.pick([3, 4, 5, 5, 5] as const);
  const packets: Packet[] = random.chance(0.9) ? [createConnect(random, version)] : [];
  for (let left = random.below(8); left > 0; left--) packets.push(createPacket(random, version));
  return packets.map((packet) => {
    const bytes = generate(packet, { protocolVersion: version });
    // Behind a CONNECT that is refused nothing is tried any more.
    const share = packet.cmd === "connect" ? 0.15 : 0.6;
    if (random.chance(0.03)) return createNoise(random);
    return random.chance(share) ? mutate(random, bytes) : bytes;
  });
}

function createConnect(random: Random, version: Version): IConnectPacket {
  const will = {
    topic: random.pick(TOPICS),
    payload: Buffer.from("will"),
    qos: random.pick([0, 1, 2] as const),
    retain: random.chance(0.5),
    ...(version === 5 && { properties: { willDelayInterval: random.below(2) } }),
  };
  const properties = {
    sessionExpiryInterval: random.pick([0, 1, 0xffff_ffff]),
    receiveMaximum: 1 + random.below(100),
    maximumPacketSize: 1 + random.below(1000),
    userProperties: { token: "x" },
  };
  return {
    cmd: "connect",
    protocolId: version === 3 ? "MQIsdp" : "MQTT",
    protocolVersion: version,
    clientId: random.pick(CLIENT_IDS) || `random-${random.below(1000)}`,
    clean: random.chance(0.5),
    keepalive: random.below(3),
    ...(random.chance(0.3) && { will }),
    ...(random.chance(0.3) && { username: "user", password: Buffer.from("secret") }),
    ...(version === 5 && random.chance(0.5) && { properties }),
  };
}

function createPacket(random: Random, version: Version): Packet {
  const messageId = 1 + random.below(4);
  const reasonCode = 0;
  const qos = random.pick([0, 1, 2] as const);
  switch (random.below(10)) {
    case 0: {
      const topics = Array.from({ length: 1 + random.below(3) }, () => random.pick(FILTERS));
      const options = version === 5 ? { nl: random.chance(0.3), rap: false, rh: 0 as const } : {};
      const subscriptions = topics.map((topic) => ({ topic, qos, ...options }));
      return { cmd: "subscribe", messageId, subscriptions };
    }
    case 1:
      return { cmd: "unsubscribe", messageId, unsubscriptions: [random.pick(FILTERS)] };
    case 2:
      return { cmd: "pubrel", messageId, reasonCode };
    case 3:
      return { cmd: random.pick(["puback", "pubrec", "pubcomp"] as const), messageId, reasonCode };
    case 4:
      return { cmd: "pingreq" };
    case 5:
      return { cmd: "disconnect", reasonCode: random.pick([0, 4]) };
    default: {
      const properties = {
        responseTopic: "r",
        correlationData: Buffer.from("c"),
        messageExpiryInterval: random.below(3),
        userProperties: { token: "x" },
      };
      const payload = Buffer.alloc(random.below(200), "p");
      const flags = { qos, retain: random.chance(0.3), dup: qos > 0 && random.chance(0.2) };
      const more = version === 5 && random.chance(0.5) ? { properties } : {};
      return { cmd: "publish", messageId, topic: random.pick(TOPICS), payload, ...flags, ...more };
    }
  }
}

/** The same bytes with one to four faults. */
function mutate(random: Random, original: Buffer): Buffer {
  let bytes = Buffer.from(original);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(bytes.length);
    switch (random.below(6)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.pick(BYTES);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), createNoise(random), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))]);
        break;
      case 4: // A field twice.
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(at + 1))]);
        break;
      default:
        bytes = bytes.subarray(0, at);
    }
    if (bytes.length === 0) return bytes;
    // Half of the time the length is put right, so that what is inside is looked at.
    if (random.chance(0.5) && bytes.length < 128) bytes[1] = bytes.length - 2;
  }
  return bytes;
}

function createNoise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 1 + random.below(12) }, () => random.below(256)));
}
