import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { startMosquitto, startNats } from "./brokers.ts";
import { run, spawnProcess } from "./processes.ts";
import { connectPacket, connectRaw } from "./raw-client.ts";
import { describeIf } from "./suites.ts";

const address = (broker: { port: number }) => ["-h", "127.0.0.1", "-p", String(broker.port)];

describeIf(["mosquitto", "mosquitto_pub", "mosquitto_sub"], "the Mosquitto of the kit", () => {
  test("carries a message from mosquitto_pub to mosquitto_sub", async () => {
    await using broker = await startMosquitto();
    await using sub = spawnProcess("mosquitto_sub", [...address(broker), "-t", "a/#", "-v"]);
    await broker.waitForLog(/ a\/#$/);
    const pub = await run("mosquitto_pub", [...address(broker), "-t", "a/b", "-l"], {
      stdin: "one\ntwo\n",
    });
    expect(pub).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    await sub.waitForLine(/^a\/b one$/);
    await sub.waitForLine(/^a\/b two$/);
  });

  test("keeps its port, and messages when asked to, over a restart or a crash", async () => {
    await using broker = await startMosquitto({
      persistence: true,
      extra: ["autosave_interval 1"],
    });
    const message = ["-t", "kept", "-m", "still here", "-r"];
    // QoS 1: with 0 the publisher is done before the broker has read the message.
    await run("mosquitto_pub", [...address(broker), ...message, "-q", "1"]);
    const firstPid = broker.pid;
    await broker.restart();
    expect(broker.pid).not.toBe(firstPid);
    const sub = await run("mosquitto_sub", [...address(broker), "-t", "kept", "-C", "1"]);
    expect(sub.stdout).toBe("still here\n");

    await broker.kill("SIGKILL");
    await broker.restart();
    expect(broker.log().match(/version .* running/g)).toHaveLength(3);
  });

  test("lets only its users in", async () => {
    await using broker = await startMosquitto({ users: { ana: "s3cret" } });
    const publish = (...login: string[]) =>
      run("mosquitto_pub", [...address(broker), "-t", "t", "-m", "x", "-q", "1", ...login]);
    expect((await publish("-u", "ana", "-P", "s3cret")).exitCode).toBe(0);
    expect((await publish("-u", "ana", "-P", "wrong")).exitCode).not.toBe(0);
    expect((await publish()).exitCode).not.toBe(0);
  });

  test("listens for WebSocket when asked to", async () => {
    await using broker = await startMosquitto({ websocket: true });
    const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}/mqtt`, "mqtt");
    const opened = Promise.withResolvers<unknown>();
    socket.onopen = opened.resolve;
    socket.onerror = opened.reject;
    await opened.promise;
    expect(socket.protocol).toBe("mqtt");
    socket.terminate();
  });

  test("can be frozen, and leaves nothing behind even then", async () => {
    const broker = await startMosquitto();
    await broker.kill("SIGSTOP");
    await broker[Symbol.asyncDispose]();
    expect(existsSync(broker.directory)).toBe(false);
    expect(() => process.kill(broker.pid, 0)).toThrow();
    await broker[Symbol.asyncDispose]();
  });

  test("says so when its port is taken", async () => {
    await using broker = await startMosquitto();
    await expect(startMosquitto({ port: broker.port })).rejects.toThrow(
      `port ${broker.port} is taken`,
    );
  });
});

describeIf("nats-server", "the NATS of the kit", () => {
  test("speaks MQTT 3.1.1 and keeps its port across a restart", async () => {
    await using broker = await startNats();
    await broker.restart();
    await using client = await connectRaw(broker.port, { version: 4 });
    client.sendPacket(connectPacket(4, "kit"));
    expect((await client.next("connack")).returnCode).toBe(0);
  });
});
