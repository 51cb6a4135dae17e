// `viaduto sub` at Mosquitto and the embedded broker, fed by mosquitto_pub.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMosquitto, startNats } from "../kit/brokers.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";
import {
  ALL_BYTES,
  at,
  BROKERS,
  LINES,
  listLines,
  MAIN,
  MOSQUITTO_PARTS,
  runMosquittoPub,
  runTool,
  startSub,
  startTool,
  VERSIONS,
} from "./tool-runner.ts";

for (const [name, startBroker] of BROKERS) {
  describeIf(MOSQUITTO_PARTS, `sub, at ${name}`, () => {
    for (const version of VERSIONS) {
      test(`MQTT ${version} hears mosquitto_pub with QoS 0, 1 and 2`, async () => {
        await using broker = await startBroker();
        const { port } = broker;
        const argv = ["-V", version, "-q", "2", "-t", "a/+", "-F", "%t %p %q", "-C", "3"];
        await using sub = await startSub(port, argv);
        for (const qos of ["0", "1", "2"]) {
          await runMosquittoPub(port, ["-V", "5", "-t", `a/${qos}`, "-m", "Olá", "-q", qos]);
        }
        expect(await sub.ended).toBe(0);
        expect(listLines(sub.stdout())).toEqual(["a/0 Olá 0", "a/1 Olá 1", "a/2 Olá 2"]);
      });
    }

    for (const qos of ["0", "1", "2"]) {
      test(`1,000 lines come in order, with QoS ${qos}`, async () => {
        await using broker = await startBroker();
        const argv = ["-t", "a", "-q", qos, "-C", String(LINES.length)];
        await using sub = await startSub(broker.port, argv);
        await runMosquittoPub(broker.port, ["-t", "a", "-l", "-q", qos], `${LINES.join("\n")}\n`);
        expect(await sub.ended).toBe(0);
        expect(listLines(sub.stdout())).toEqual([...LINES]);
      });
    }

    test("several filters, a parameter among them; -v, an empty payload, and -T", async () => {
      await using broker = await startBroker();
      const filters = ["-t", "a/{id}", "-t", "b/#", "-t", "7", "-T", "b/+/secret"];
      await using sub = await startSub(broker.port, [...filters, "-v", "-C", "4"]);
      for (const topic of ["a/x", "a/x/y", "b/1/secret", "b/1/open", "7"]) {
        await runMosquittoPub(broker.port, ["-q", "1", "-t", topic, "-m", `to ${topic}`]);
      }
      await runMosquittoPub(broker.port, ["-t", "a/x", "-n"]);
      expect(await sub.ended).toBe(0);
      const lines = ["a/x to a/x", "b/1/open to b/1/open", "7 to 7", "a/x (null)"];
      expect(listLines(sub.stdout())).toEqual(lines);
    });

    test("binary payloads come out byte for byte, with -N one after the other", async () => {
      await using broker = await startBroker();
      const directory = await mkdtemp(join(tmpdir(), "viaduto-sub-"));
      const [input, output] = [join(directory, "in"), join(directory, "out")];
      await Bun.write(input, ALL_BYTES);
      await runMosquittoPub(broker.port, ["-t", "a", "-f", input, "-r"]);
      await runMosquittoPub(broker.port, ["-t", "b", "-f", input, "-r"]);
      // A file on the other side of standard output, because the kit reads text.
      const script = `exec "$0" ${MAIN} sub -p ${broker.port} -t a -t b -N -C 2 > ${output}`;
      expect((await run("sh", ["-c", script, process.execPath])).exitCode).toBe(0);
      expect(Buffer.from(await Bun.file(output).bytes())).toEqual(
        Buffer.concat([ALL_BYTES, ALL_BYTES]),
      );
      await rm(directory, { recursive: true });
    });

    test("-C and -W: 0 when enough came, 3 when too little came in time", async () => {
      await using broker = await startBroker();
      const { port } = broker;
      await runMosquittoPub(port, ["-t", "a", "-m", "kept", "-r"]);
      const listen = (...flags: string[]) => runTool(["sub", ...at(port), ...flags]);
      const [enough, some, few, none, quiet] = await Promise.all([
        listen("-t", "a", "-C", "1", "-W", "9"),
        listen("-t", "a", "-W", "1"),
        listen("-t", "a", "-C", "2", "-W", "1"),
        listen("-t", "b", "-W", "1"),
        listen("-t", "b", "-W", "1", "--quiet"),
      ]);
      expect(enough).toEqual({ exitCode: 0, stdout: "kept\n", stderr: "" });
      expect(some).toEqual(enough);
      expect([few.exitCode, few.stdout]).toEqual([3, "kept\n"]);
      expect(few.stderr).toStartWith("viaduto: 1 of 2 messages came within 1 s\n  → ");
      expect([none.exitCode, none.stdout]).toEqual([3, ""]);
      expect(quiet).toEqual({ exitCode: 3, stdout: "", stderr: "" });
    });

    test("-R leaves out what was retained, --retained-only all else", async () => {
      await using broker = await startBroker();
      await runMosquittoPub(broker.port, ["-t", "a", "-m", "kept", "-r"]);
      await using fresh = await startSub(broker.port, ["-t", "a", "-R", "-C", "1"]);
      await using stale = await startSub(broker.port, ["-t", "a", "--retained-only"]);
      await stale.waitForLine(/^kept$/);
      await runMosquittoPub(broker.port, ["-t", "a", "-m", "live", "-q", "1"]);
      expect([await fresh.ended, fresh.stdout()]).toEqual([0, "live\n"]);
      expect([await stale.ended, stale.stdout()]).toEqual([0, "kept\n"]);
    });

    test("properties are shown by -F, and all of a message as JSON", async () => {
      await using broker = await startBroker();
      const argv = ["-t", "a", "-C", "1", "-F", "%P|%C|%D|%R|%F|%%\\t%J"];
      await using sub = await startSub(broker.port, argv);
      const properties = [
        ["user-property", "k", "1"],
        ["user-property", "k", "2"],
        ["content-type", "text/plain"],
        ["correlation-data", "c"],
        ["response-topic", "r/t"],
        ["payload-format-indicator", "1"],
      ].flatMap((words) => ["-D", "publish", ...words]);
      await runMosquittoPub(broker.port, [...properties, "-t", "a", "-m", '{"x":[1]}']);
      expect(await sub.ended).toBe(0);
      const [fields = "", json = ""] = sub.stdout().split("\t");
      expect(fields).toBe("k:1 k:2|text/plain|c|r/t|1|%");
      expect(JSON.parse(json)).toMatchObject({
        topic: "a",
        qos: 0,
        retain: 0,
        payloadlen: 9,
        properties: { "user-properties": { k: ["1", "2"] }, "content-type": "text/plain" },
        payload: { x: [1] },
      });
    });

    test("URLs name the broker: mqtt:// with a filter, ws:// with a path", async () => {
      await using broker = await startBroker();
      await runMosquittoPub(broker.port, ["-t", "a/b", "-m", "kept", "-r"]);
      const expected = { exitCode: 0, stdout: "a/b kept\n", stderr: "" };
      const tcp = `mqtt://127.0.0.1:${broker.port}/a/#`;
      expect(await runTool(["sub", "-L", tcp, "-v", "-C", "1"])).toEqual(expected);
      const ws = `ws://127.0.0.1:${broker.wsPort}/mqtt`;
      const argv = ["sub", "-L", ws, "-t", "a/#", "-v", "-C", "1", "-q", "1"];
      expect(await runTool(argv)).toEqual(expected);
    });

    test("pub reaches sub, with no tool of Mosquitto between them", async () => {
      await using broker = await startBroker();
      await using sub = await startSub(broker.port, ["-t", "a", "-q", "2", "-C", "2"]);
      for (const qos of ["1", "2"]) {
        await runTool(["pub", ...at(broker.port), "-t", "a", "-m", qos, "-q", qos]);
      }
      expect([await sub.ended, sub.stdout()]).toEqual([0, "1\n2\n"]);
    });

    test("it ends quietly when its reader has seen enough", async () => {
      await using broker = await startBroker();
      const script = `{ "$0" ${MAIN} sub -p ${broker.port} -t a; echo "code $?" >&2; } | head -1`;
      const ended = run("sh", ["-c", script, process.execPath]);
      const state = { isOver: false };
      const over = ended.finally(() => {
        state.isOver = true;
      });
      // It notices at a message that its reader no longer takes; nothing tells when that is.
      while (!state.isOver) await runMosquittoPub(broker.port, ["-t", "a", "-m", "x"]);
      expect(await over).toEqual({ exitCode: 0, stdout: "x\n", stderr: "code 0\n" });
    });
  });
}

describeIf(MOSQUITTO_PARTS, "sub, with a session", () => {
  test("-c gets what came while it was away", async () => {
    await using broker = await startMosquitto();
    const argv = ["sub", ...at(broker.port), "-c", "-i", "me", "-t", "a", "-q", "1"];
    expect((await runTool([...argv, "-W", "1"])).exitCode).toBe(3);
    await runMosquittoPub(broker.port, ["-t", "a", "-m", "meanwhile", "-q", "1"]);
    expect((await runTool([...argv, "-C", "1"])).stdout).toBe("meanwhile\n");
    // It was acknowledged, so it does not come again.
    expect((await runTool([...argv, "-W", "1"])).stdout).toBe("");
  });

  test("a wrong password is told, and ends it with 1", async () => {
    await using broker = await startMosquitto({ users: { ana: "s3cret" } });
    const argv = ["sub", ...at(broker.port), "-u", "ana", "-P", "guess", "-t", "a"];
    const { exitCode, stderr } = await runTool(argv);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("refused the login");
  });

  test("a broker that goes away ends it with 1", async () => {
    await using broker = await startMosquitto();
    await using sub = await startSub(broker.port, ["-t", "a"]);
    await broker.kill("SIGKILL");
    expect(await sub.ended).toBe(1);
    expect(sub.stderr()).toContain("closed the connection");
  });
});

describeIf("nats-server", "sub, at a broker without MQTT 5", () => {
  test("falls back to 3.1.1", async () => {
    await using broker = await startNats();
    await using sub = startTool(["sub", ...at(broker.port), "-t", "a", "-q", "1", "-C", "1", "-d"]);
    await sub.waitForLine(/^subscribed to /);
    await runTool(["pub", ...at(broker.port), "-t", "a", "-m", "x", "-q", "1"]);
    expect([await sub.ended, sub.stdout()]).toEqual([0, "x\n"]);
  });
});
