// What a real Mosquitto decides by a password file and an ACL file, found out as a client would.

import { startMosquitto } from "../kit/brokers.ts";
import { connectPacket, connectRaw, type RawClient } from "../kit/raw-client.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

export type Caller = {
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
};

/** What somebody may do with each topic, in the form of `rw`, `r-`, `-w` or `--`. */
export type Rights = Readonly<Record<string, string>>;

export type MosquittoDecisions = AsyncDisposable & {
  isLetIn(caller: Caller): Promise<boolean>;
  rightsOf(caller: Caller, topics: readonly string[]): Promise<Rights>;
  /** Whether SUBACK grants the filter. */
  isGranted(caller: Caller, filter: string): Promise<boolean>;
};

/** Publishes whatever is to be delivered; its lines must be in the files. */
export const PUBLISHER = { username: "publisher", password: "publisher", clientId: "publisher" };
export const PUBLISHER_RIGHTS = "user publisher\ntopic #\ntopic $app/#\n";

const NOT_AUTHORIZED = 0x87;
/** Mosquitto's own, when it is not told another. */
const RECEIVE_MAXIMUM = 20;
const ALL_FILTERS = ["#", "$app/#"];

export async function startMosquittoDecisions(files: {
  readonly passwords: string;
  readonly acl: string;
}): Promise<MosquittoDecisions> {
  const folder = await makeTemporaryFolder();
  const passwordFile = await folder.write("passwords", files.passwords);
  const aclFile = await folder.write("acl", files.acl);
  const extra = [`password_file ${passwordFile}`, `acl_file ${aclFile}`];
  const broker = await startMosquitto({ extra });

  async function mustEnter(caller: Caller): Promise<RawClient> {
    const client = await enter(broker.port, caller);
    if (!client) throw new Error(`${caller.username} is not let in`);
    return client;
  }
  return {
    async isLetIn(caller) {
      await using client = await enter(broker.port, caller);
      return client !== undefined;
    },
    async rightsOf(caller, topics) {
      await using client = await mustEnter(caller);
      await using publisher = await mustEnter(PUBLISHER);
      await subscribe(client, ALL_FILTERS);
      const isPublished = await publishAll(publisher, topics);
      if (isPublished.includes(false)) throw new Error("the publisher may not publish");
      // Mosquitto does one thing after the other: what is delivered stands before PINGRESP.
      client.sendPacket({ cmd: "pingreq" });
      await client.next("pingresp");
      const delivered = new Set(client.packets.map((one) => one.cmd === "publish" && one.topic));
      const mayPublish = await publishAll(client, topics);
      const rights = topics.map((topic, at) => {
        return [topic, `${delivered.has(topic) ? "r" : "-"}${mayPublish[at] ? "w" : "-"}`] as const;
      });
      return Object.fromEntries(rights);
    },
    async isGranted(caller, filter) {
      await using client = await mustEnter(caller);
      const [granted = NOT_AUTHORIZED] = await subscribe(client, [filter]);
      return granted < 0x80;
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Undefined when it is not let in. */
async function enter(
  port: number,
  { clientId, username, password }: Caller,
): Promise<RawClient | undefined> {
  const client = await connectRaw(port, { version: 5 });
  const login = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: Buffer.from(password) }),
  };
  client.sendPacket(connectPacket(5, clientId, login));
  const { reasonCode } = await client.next("connack");
  if (reasonCode === 0) return client;
  await client[Symbol.asyncDispose]();
  return undefined;
}

async function subscribe(client: RawClient, filters: readonly string[]): Promise<number[]> {
  const subscriptions = filters.map((topic) => ({ topic, qos: 0 as const }));
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
  return (await client.next("suback")).granted.map(Number);
}

/** For each topic whether PUBACK accepts it. */
async function publishAll(client: RawClient, topics: readonly string[]): Promise<boolean[]> {
  const accepted: boolean[] = [];
  for (let start = 0; start < topics.length; start += RECEIVE_MAXIMUM) {
    const some = topics.slice(start, start + RECEIVE_MAXIMUM);
    for (const [at, topic] of some.entries()) {
      const flags = { qos: 1, dup: false, retain: false } as const;
      client.sendPacket({ cmd: "publish", topic, payload: "x", messageId: at + 1, ...flags });
    }
    const answers = some.map(() => client.next("puback"));
    // In order: they are answered one after the other [MQTT-4.6.0-2].
    for (const { reasonCode = 0 } of await Promise.all(answers)) {
      accepted.push(reasonCode !== NOT_AUTHORIZED);
    }
  }
  return accepted;
}
