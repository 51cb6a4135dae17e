// `viaduto pub` towards Mosquitto and the embedded broker, heard by mosquitto_sub.

import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMosquitto, startNats } from "../kit/brokers.ts";
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from "../kit/certificates.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";
import {
  ALL_BYTES,
  at,
  BROKERS,
  LINES,
  listLines,
  MOSQUITTO_PARTS,
  runTool,
  startMosquittoSub,
  VERSIONS,
} from "./tool-runner.ts";

const DONE = { exitCode: 0, stdout: "", stderr: "" };

/** A file that is gone when the test is over. */
async function makeFile(content: string | Uint8Array) {
  const directory = await mkdtemp(join(tmpdir(), "viaduto-pub-"));
  const path = join(directory, "payload.bin");
  await writeFile(path, content);
  return { path, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

for (const [name, startBroker] of BROKERS) {
  describeIf(MOSQUITTO_PARTS, `pub, towards ${name}`, () => {
    for (const version of VERSIONS) {
      test(`MQTT ${version} reaches mosquitto_sub with QoS 0, 1 and 2`, async () => {
        await using broker = await startBroker();
        const argv = ["-q", "2", "-t", "a/#", "-C", "4", "-F", "%t %p %q"];
        await using sub = await startMosquittoSub(broker.port, argv);
        for (const qos of ["0", "1", "2"]) {
          const flags = ["-t", `a/${qos}`, "-m", "Olá", "-q", qos, "-V", version];
          expect(await runTool(["pub", ...at(broker.port), ...flags])).toEqual(DONE);
        }
        expect(await sub.ended).toBe(0);
        expect(listLines(sub.stdout())).toEqual(["a/0 Olá 0", "a/1 Olá 1", "a/2 Olá 2"]);
      });
    }

    for (const qos of ["0", "1", "2"]) {
      test(`-l sends 1,000 lines in order, with QoS ${qos}`, async () => {
        await using broker = await startBroker();
        const argv = ["-q", qos, "-t", "a", "-C", String(LINES.length + 1)];
        await using sub = await startMosquittoSub(broker.port, argv);
        const flags = ["-t", "a", "-l", "-q", qos];
        // The last line has no newline, and is sent all the same.
        const stdin = LINES.join("\n");
        expect(await runTool(["pub", ...at(broker.port), ...flags], { stdin })).toEqual(DONE);
        expect(await sub.ended).toBe(0);
        expect(listLines(sub.stdout())).toEqual([...LINES]);
      });
    }

    test("-r is kept for later subscribers, and -n -r clears it", async () => {
      await using broker = await startBroker();
      const publish = (...flags: string[]) =>
        runTool(["pub", ...at(broker.port), "-t", "a", "-q", "1", ...flags]);
      const look = (...end: string[]) =>
        run("mosquitto_sub", [...at(broker.port), "-t", "a", "-F", "%r %p", ...end]);
      await publish("-m", "kept", "-r");
      expect((await look("-C", "1")).stdout).toBe("1 kept\n");
      await publish("-n", "-r");
      expect((await look("-W", "1")).stdout).toBe("");
    });

    test("-f and -s send every byte as it is", async () => {
      await using broker = await startBroker();
      await using file = await makeFile(ALL_BYTES);
      const argv = ["-t", "a", "-C", "3", "-F", "%x %t"];
      await using sub = await startMosquittoSub(broker.port, argv);
      await runTool(["pub", ...at(broker.port), "-t", "a", "-f", file.path]);
      await runTool(["pub", ...at(broker.port), "-t", "a", "-s"], { stdin: ALL_BYTES });
      expect(await sub.ended).toBe(0);
      const sent = `${ALL_BYTES.toString("hex")} a`;
      expect(listLines(sub.stdout())).toEqual([sent, sent]);
    });

    test("a URL names the broker: mqtt:// with the topic, ws:// with a path", async () => {
      await using broker = await startBroker();
      await using sub = await startMosquittoSub(broker.port, ["-t", "a/#", "-C", "3", "-v"]);
      const tcp = `mqtt://127.0.0.1:${broker.port}/a/b c?d`;
      expect(await runTool(["pub", "-L", tcp, "-m", "tcp"])).toEqual(DONE);
      const ws = `ws://127.0.0.1:${broker.wsPort}/mqtt`;
      expect(await runTool(["pub", "-L", ws, "-t", "a/ws", "-m", "ws", "-q", "1"])).toEqual(DONE);
      expect(await sub.ended).toBe(0);
      expect(listLines(sub.stdout())).toEqual(["a/b c?d tcp", "a/ws ws"]);
    });

    test("-D publish sets properties that mosquitto_sub shows", async () => {
      await using broker = await startBroker();
      const format = "%t|%P|%C|%D|%R|%F|%E";
      const argv = ["-V", "5", "-t", "a", "-C", "2", "-F", format];
      await using sub = await startMosquittoSub(broker.port, argv);
      const properties = [
        ["user-property", "plant", "one"],
        ["content-type", "text/plain"],
        ["correlation-data", "-m"],
        ["response-topic", "replies/7"],
        ["payload-format-indicator", "1"],
        ["message-expiry-interval", "2147483647"],
      ].flatMap((words) => ["-D", "publish", ...words]);
      const argv5 = ["pub", ...at(broker.port), ...properties, "-t", "a", "-m", "x", "-q", "1"];
      expect(await runTool(argv5)).toEqual(DONE);
      expect(await sub.ended).toBe(0);
      const [line] = listLines(sub.stdout());
      expect(line).toMatch(/^a\|plant:one\|text\/plain\|-m\|replies\/7\|1\|21474836\d\d$/);
    });
  });
}

describeIf(MOSQUITTO_PARTS, "pub, with a login", () => {
  test("the right one is let in, by flags, URL or environment; a wrong one is told", async () => {
    await using broker = await startMosquitto({ users: { ana: "s3cret@" } });
    const { port } = broker;
    const message = ["-t", "a", "-m", "x", "-q", "1"];
    const publish = (argv: string[], env: Record<string, string> = {}) =>
      runTool(["pub", ...argv, ...message], { env });
    const login = { MQTT_USERNAME: "ana", MQTT_PASSWORD: "s3cret@" };
    const place = { MQTT_BROKER: "127.0.0.1", MQTT_PORT: String(port) };
    const right = await Promise.all([
      publish([...at(port), "-u", "ana", "-P", "s3cret@"]),
      publish(["-L", `mqtt://ana:s3cret%40@127.0.0.1:${port}`]),
      publish([], { ...place, ...login }),
      publish([], { MQTT_URL: `mqtt://127.0.0.1:${port}`, ...login }),
    ]);
    for (const result of right) expect(result).toEqual(DONE);

    const [wrong, foreign, quiet] = await Promise.all([
      publish([...at(port), "-u", "ana", "-P", "guess"]),
      // The environment's login is for the environment's broker.
      publish(at(port), login),
      publish([...at(port), "--quiet"]),
    ]);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain(`mqtt://127.0.0.1:${port} refused the login`);
    expect(wrong.stderr).toContain("-u, -P");
    expect(wrong.stderr).not.toContain("guess");
    expect(foreign.exitCode).toBe(1);
    expect(quiet).toEqual({ exitCode: 1, stdout: "", stderr: "" });
  });

  test("TLS takes --cafile; without it the broker is not believed", async () => {
    await using cert = await makeFile(SERVER_CERTIFICATE);
    await using key = await makeFile(SERVER_KEY);
    await using authority = await makeFile(AUTHORITY);
    const extra = [`certfile ${cert.path}`, `keyfile ${key.path}`];
    await using broker = await startMosquitto({ extra });
    const argv = ["pub", "-p", String(broker.port), "-t", "a", "-m", "x", "-q", "1"];
    expect(await runTool([...argv, "--cafile", authority.path])).toEqual(DONE);
    expect(await runTool([...argv, "--insecure"])).toEqual(DONE);
    const url = `mqtts://localhost:${broker.port}/a`;
    const { exitCode, stderr } = await runTool(["pub", "-L", url, "-m", "x"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("--cafile");
  });
});

describeIf("nats-server", "pub, towards a broker without MQTT 5", () => {
  test("falls back to 3.1.1, but not when -V says 5", async () => {
    await using broker = await startNats();
    const argv = ["pub", ...at(broker.port), "-t", "a", "-m", "x", "-q", "1"];
    expect(await runTool(argv)).toEqual(DONE);
    const { exitCode, stderr } = await runTool([...argv, "-V", "5"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("-V");
  });
});

describe("pub, without a broker", () => {
  test("names the address and the way out", async () => {
    const { exitCode, stderr } = await runTool(["pub", ...at(1), "-t", "a", "-m", "x"]);
    expect(exitCode).toBe(1);
    expect(stderr).toStartWith("viaduto: nothing listens at mqtt://127.0.0.1:1\n  → ");
  });
});
