// The broker with clients that others wrote: Mosquitto's, and mqtt.js.

import { describe, expect, test } from "bun:test";
import mqtt, { type MqttClient } from "mqtt";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { publish } from "../kit/messages.ts";
import { run, spawnProcess } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const VERSIONS = { 3: "mqttv31", 4: "mqttv311", 5: "mqttv5" } as const;
type Version = keyof typeof VERSIONS;

describeIf(["mosquitto_pub", "mosquitto_sub"], "Mosquitto's clients", () => {
  const addressOf = (broker: EmbeddedBroker) => ["-h", "127.0.0.1", "-p", String(broker.port)];

  async function pub(broker: EmbeddedBroker, version: Version, ...args: string[]) {
    const all = [...addressOf(broker), "-V", VERSIONS[version], "-t", "a/b", ...args];
    expect(await run("mosquitto_pub", all)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  }

  /** A subscriber that prints its messages; ready when the broker has said SUBACK. */
  async function sub(broker: EmbeddedBroker, version: Version, ...args: string[]) {
    const format = ["-F", "%t %q %r %p"];
    const all = [...addressOf(broker), "-V", VERSIONS[version], ...format, ...args];
    const from = broker.logLines.length;
    const child = spawnProcess("mosquitto_sub", all);
    await broker.waitForLog(/subscribed to/, from);
    return child;
  }

  describe.each([3, 4, 5] as const)("with version %p", (version) => {
    test("send and receive with every QoS, and the lower one counts", async () => {
      await using broker = await startEmbedded();
      for (const granted of [0, 1, 2]) {
        await using subscriber = await sub(broker, version, "-t", "a/+", "-q", String(granted));
        for (const qos of [0, 1, 2]) {
          await pub(broker, version, "-q", String(qos), "-m", `sent with ${qos}`);
          const lower = Math.min(qos, granted);
          await subscriber.waitForLine(new RegExp(`^a/b ${lower} 0 sent with ${qos}$`));
        }
      }
    });

    test("leave a retained message and take it away again", async () => {
      await using broker = await startEmbedded();
      await pub(broker, version, "-q", "1", "-r", "-m", "kept");
      await using subscriber = await sub(broker, version, "-t", "#", "-q", "1");
      await subscriber.waitForLine(/^a\/b 1 1 kept$/);
      await pub(broker, version, "-q", "1", "-r", "-n");
      await using late = await sub(broker, version, "-t", "#", "-q", "1");
      await pub(broker, version, "-m", "the first");
      await late.waitForLine(/^a\/b 0 0 the first$/);
      expect(late.stdout()).not.toContain("kept");
    });

    test("have their will published when they are killed", async () => {
      await using broker = await startEmbedded();
      await using watcher = await sub(broker, version, "-t", "will", "-q", "1");
      const will = ["--will-topic", "will", "--will-payload", "gone", "--will-qos", "1"];
      const doomed = await sub(broker, version, "-t", "a", ...will);
      await doomed.kill("SIGKILL");
      await watcher.waitForLine(/^will 1 0 gone$/);
    });

    test("resume their session", async () => {
      await using broker = await startEmbedded();
      const session = ["-i", "resumed", "-c", "-q", "1", "-t", "a/#"];
      const first = await sub(broker, version, ...session);
      await first.kill("SIGKILL");
      await broker.waitForLog(/'resumed' left/);
      await pub(broker, version, "-q", "1", "-m", "waited");
      await using second = await sub(broker, version, ...session);
      await second.waitForLine(/^a\/b 1 0 waited$/);
    });
  });

  test("pass a user property on, and heed No Local and the response topic", async () => {
    await using broker = await startEmbedded();
    const args = ["-t", "a/b", "-C", "1", "-F", "%P|%R|%D|%C|%p"];
    const subscriber = spawnProcess("mosquitto_sub", [...addressOf(broker), "-V", "5", ...args]);
    await broker.waitForLog(/subscribed to a\/b/);
    const properties = [
      ["user-property", "token", "s3cret"],
      ["response-topic", "answers"],
      ["correlation-data", "id-7"],
      ["content-type", "text/plain"],
    ];
    const flags = properties.flatMap((property) => ["-D", "publish", ...property]);
    await pub(broker, 5, "-q", "1", "-r", "-m", "x", ...flags);
    expect(await subscriber.ended).toBe(0);
    expect(subscriber.stdout()).toBe("token:s3cret|answers|id-7|text/plain|x\n");
  });

  test("get what they want with mosquitto_rr", async () => {
    await using broker = await startEmbedded();
    await using server = await broker.connect("server");
    const subscriptions = [{ topic: "ask", qos: 1 as const }];
    server.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
    await server.next("suback");
    const args = ["-V", "5", "-t", "ask", "-e", "answer/me", "-m", "question"];
    const asked = run("mosquitto_rr", [...addressOf(broker), ...args]);
    const { properties = {} } = await server.next("publish");
    const { correlationData, responseTopic = "" } = properties;
    const more = correlationData && { properties: { correlationData } };
    await publish(server, responseTopic, { payload: "answer", ...more });
    expect(await asked).toMatchObject({ exitCode: 0, stdout: "answer\n" });
  });
});

describe.each(["mqtt", "ws"] as const)("mqtt.js over %s", (scheme) => {
  const connect = (broker: EmbeddedBroker, version: Version): Promise<MqttClient> => {
    const port = scheme === "mqtt" ? broker.port : broker.wsPort;
    const protocol = version === 3 ? { protocolId: "MQIsdp" as const } : {};
    const options = { protocolVersion: version, ...protocol, reconnectPeriod: 0 };
    return mqtt.connectAsync(`${scheme}://127.0.0.1:${port}/mqtt`, options);
  };
  const nextMessage = (client: MqttClient) => {
    const { promise, resolve } = Promise.withResolvers<mqtt.IPublishPacket>();
    client.once("message", (_topic, _payload, packet) => resolve(packet));
    return promise;
  };

  test.each([3, 4, 5] as const)("with version %p sends and receives", async (version) => {
    await using broker = await startEmbedded();
    const client = await connect(broker, version);
    await client.subscribeAsync("a/#", { qos: 2 });
    for (const qos of [0, 1, 2] as const) {
      const payload = Buffer.alloc(200_000, `QoS ${qos}`);
      const message = nextMessage(client);
      await client.publishAsync("a/b", payload, { qos });
      expect((await message).payload).toEqual(payload);
    }
    await client.endAsync();
    await broker.waitForConnections(0);
  });

  test("passes user properties on, and heeds No Local", async () => {
    await using broker = await startEmbedded();
    const [client, other] = await Promise.all([connect(broker, 5), connect(broker, 5)]);
    await client.subscribeAsync("a", { qos: 1, nl: true });
    const message = nextMessage(client);
    await client.publishAsync("a", "own", { qos: 1 });
    const properties = { userProperties: { token: "s3cret" } };
    await other.publishAsync("a", "other's", { qos: 1, properties });
    const { payload, properties: received } = await message;
    expect([String(payload), received?.userProperties?.token]).toEqual(["other's", "s3cret"]);
    await Promise.all([client.endAsync(), other.endAsync()]);
  });

  test("comes back to its session", async () => {
    await using broker = await startEmbedded();
    const port = scheme === "mqtt" ? broker.port : broker.wsPort;
    const url = `${scheme}://127.0.0.1:${port}/mqtt`;
    const session = { clientId: "resumed", clean: false, protocolVersion: 4 as const };
    const first = await mqtt.connectAsync(url, session);
    await first.subscribeAsync("a", { qos: 1 });
    await first.endAsync();
    await broker.waitForConnections(0);
    const publisher = await connect(broker, 5);
    await publisher.publishAsync("a", "waited", { qos: 1 });
    const second = mqtt.connect(url, session);
    expect(String((await nextMessage(second)).payload)).toBe("waited");
    await Promise.all([second.endAsync(), publisher.endAsync()]);
  });
});
