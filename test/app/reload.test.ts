// A folder that changes while the compiled binary runs it with --watch, beside a broker whose log
// tells what the bridge asked for.

import { expect, test } from "bun:test";
import { type BrokerProcess, startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Received } from "../kit/device.ts";
import { createProject, initProject, type Project, type RunningProject } from "../kit/project.ts";
import { describeIf } from "../kit/suites.ts";

const EDITS = 10;
const TEST_TIMEOUT_MS = 30_000;

/** A handler that publishes what it got, with a mark, to the topic. */
function copier(pattern: string, to: string, mark: string): string {
  return `import { on, topic } from "viaduto";
export default on(topic("${pattern}", { content: "text" }), ({ payload, publish }) =>
  publish(topic("${to}", { content: "text" }), "${mark} " + payload));\n`;
}

function startWatching(project: Project, { port }: BrokerProcess): Promise<RunningProject> {
  const broker = ["--broker", `mqtt://127.0.0.1:${port}`, "--client-id", "bridge"];
  return project.start([...broker, "--watch"]);
}

/** Changes the project; resolves when the log says what became of it. */
async function change(
  bridge: RunningProject,
  edit: () => void,
  told: RegExp,
): Promise<RegExpExecArray> {
  const from = bridge.process.lines.length;
  edit();
  return bridge.process.waitForLine(told, { from });
}

/** What the bridge asked the broker for: connections, and filters it subscribed or gave up. */
function listAsked(broker: BrokerProcess): string[] {
  const lines = broker.log().split("\n");
  return lines.flatMap((line) => {
    return /New client connected.* (as bridge) |: (bridge .*)$/.exec(line)?.slice(1).join("") ?? [];
  });
}

const isLive = ({ text }: Received) => text.endsWith(" live");

describeIf("mosquitto", "a folder that is watched", () => {
  test(
    `answers anew after each of ${EDITS} edits, over one connection`,
    async () => {
      await using mosquitto = await startMosquitto();
      await using project = await initProject();
      await using bridge = await startWatching(project, mosquitto);
      await using device = await connectDevice(mosquitto.port, "echo/+/heard");
      const asked = listAsked(mosquitto);
      const echo = project.read("handlers/echo.ts");
      for (let edit = 1; edit <= EDITS; edit++) {
        const edited = echo.replace("text: payload.text }", `text: payload.text + " ${edit}" }`);
        const write = () => project.write("handlers/echo.ts", edited);
        await change(bridge, write, /INFO - loaded echo\.ts again/);
        await device.send("echo/ana", { text: "hello" });
        await device.waitForCount(edit);
        const answer = JSON.parse(device.received.at(-1)?.text ?? "");
        expect(answer).toEqual({ name: "ana", text: `hello ${edit}` });
      }
      expect(asked.filter((line) => line === "as bridge")).toHaveLength(1);
      expect(listAsked(mosquitto)).toEqual(asked);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "keeps the old version of a file with a mistake, and names line and column",
    async () => {
      await using mosquitto = await startMosquitto();
      await using project = createProject({ "handlers/a.ts": copier("in", "out", "old") });
      await using bridge = await startWatching(project, mosquitto);
      await using device = await connectDevice(mosquitto.port, "out");
      const write = (text: string) => () => project.write("handlers/a.ts", text);
      const wrong = `${copier("in", "out", "new")}\nconst a = ;\n`;
      await change(bridge, write(wrong), /ERROR - .*a\.ts:5:11.* — the old version stays\. /);
      await device.send("in", "1");
      expect((await device.waitForCount(1))[0]?.text).toBe("old 1");
      const { json } = await bridge.get("/handlers");
      expect(json).toMatchObject({
        handlers: [{ name: "a" }],
        failures: [{ file: "a.ts", line: 5, column: 11, line_text: "const a = ;" }],
      });
      expect((await bridge.get("/ready")).status).toBe(200);

      await change(bridge, write(copier("in", "out", "new")), /INFO - loaded a\.ts again/);
      await device.send("in", "2");
      expect((await device.waitForCount(2))[1]?.text).toBe("new 2");
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "gives a new file its retained messages, and nobody else them again",
    async () => {
      await using mosquitto = await startMosquitto();
      await using project = createProject({ "handlers/a.ts": copier("rooms/+", "seen", "a") });
      await using device = await connectDevice(mosquitto.port, "seen");
      for (const room of ["rooms/1", "rooms/2"]) await device.send(room, room, { retain: true });
      await using bridge = await startWatching(project, mosquitto);
      await device.waitForCount(2);
      const add = async (name: string, pattern: string) => {
        const write = () => project.write(`handlers/${name}.ts`, copier(pattern, "seen", name));
        await change(bridge, write, new RegExp(`INFO - loaded ${name}\\.ts \\(1 handler\\)`));
      };
      await add("b", "rooms/+"); // On a filter that is subscribed already.
      await device.waitForCount(4);
      await add("c", "rooms/#"); // On one that takes the place of the narrower one.
      await device.waitForCount(6);
      await mosquitto.waitForLog(/: bridge rooms\/\+$/);
      // What came once too often would stand before this one.
      await device.send("rooms/1", "live");
      await device.waitUntil(() => device.received.filter(isLive).length >= 3);
      const seen = device.received.map(({ text }) => text).toSorted();
      const expected = ["a", "b", "c"].flatMap((name) => {
        return ["live", "rooms/1", "rooms/2"].map((text) => `${name} ${text}`);
      });
      expect(seen).toEqual(expected);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "gives up the filter of a file that is removed, and only that",
    async () => {
      await using mosquitto = await startMosquitto();
      await using project = createProject({
        "handlers/a.ts": copier("in/a", "out", "a"),
        "handlers/b.ts": copier("in/b", "out", "b"),
      });
      await using bridge = await startWatching(project, mosquitto);
      await using device = await connectDevice(mosquitto.port, "out");
      const asked = listAsked(mosquitto);
      const remove = () => project.remove("handlers/a.ts");
      await change(bridge, remove, /INFO - a\.ts is gone, and so are its handlers/);
      await mosquitto.waitForLog(/: bridge in\/a$/);
      expect(listAsked(mosquitto)).toEqual([...asked, "bridge in/a"]);
      await device.send("in/a", "1");
      await device.send("in/b", "2");
      expect((await device.waitForCount(1))[0]?.text).toBe("b 2");
      expect((await bridge.get("/handlers")).json).toMatchObject({ handlers: [{ name: "b" }] });
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "runs the others when a file fails at the start, and is not ready until it loads",
    async () => {
      await using mosquitto = await startMosquitto();
      await using project = createProject({
        "handlers/a.ts": copier("in/a", "out", "a"),
        "handlers/b.ts": 'import "./_missing.ts";\n',
      });
      await using bridge = await startWatching(project, mosquitto);
      await using device = await connectDevice(mosquitto.port, "out");
      await device.send("in/a", "1");
      expect((await device.waitForCount(1))[0]?.text).toBe("a 1");
      const ready = await bridge.get("/ready");
      expect(ready).toMatchObject({ status: 503, json: { code: "handlers_not_loaded" } });
      expect((ready.json as { detail: string }).detail).toContain("b.ts:1");
      const { json } = await bridge.get("/handlers");
      expect(json).toMatchObject({
        handlers: [{ name: "a" }],
        failures: [{ file: "b.ts", line: 1 }],
      });

      const write = () => project.write("handlers/b.ts", copier("in/b", "out", "b"));
      await change(bridge, write, /INFO - loaded b\.ts again/);
      await mosquitto.waitForLog(/: bridge 1 in\/b$/);
      expect(await bridge.get("/ready")).toMatchObject({ status: 200 });
      await device.send("in/b", "2");
      expect((await device.waitForCount(2))[1]?.text).toBe("b 2");
    },
    TEST_TIMEOUT_MS,
  );
});
