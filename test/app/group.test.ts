// Replicas of the compiled binary that share the work of a group: each message is for one of them,
// and none is lost when one is killed or stopped.

import { expect, test } from "bun:test";
import { type BrokerProcess, startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { createProject, type Project, type RunningProject } from "../kit/project.ts";
import { describeIf } from "../kit/suites.ts";

const MESSAGES = 10_000;
const BATCH = 100;
/** What one replica may have unacknowledged: so many may come twice after a kill. */
const WINDOW = 50;
/** By default Mosquitto drops what is more than a thousand messages late for one of them. */
const PATIENT = { extra: ["max_queued_messages 0"] };
const TEST_TIMEOUT_MS = 60_000;

/** A project whose handler tells which message it has handled, and by whom it was. */
function createReplica(name: string): Project {
  return createProject({
    "handlers/work.ts": `import { on, t, topic } from "viaduto";

const job = topic("jobs/{id}", { payload: t.Object({ id: t.Number() }) });
const done = topic("done", { payload: t.Object({ id: t.Number(), by: t.String() }) });

export default on(job, async ({ payload, publish }) => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  await publish(done, { id: payload.id, by: "${name}" });
});
`,
  });
}

function startReplica(
  project: Project,
  name: string,
  { port }: BrokerProcess,
  flags: readonly string[] = [],
): Promise<RunningProject> {
  const broker = ["--broker", `mqtt://127.0.0.1:${port}`, "--client-id", name];
  const limits = ["--inbox-messages-max", String(WINDOW)];
  return project.start([...broker, "--group", "workers", ...limits, ...flags]);
}

/** A batch at a time, so that messages flow for a while. */
async function sendJobs(device: Device, firstId: number): Promise<void> {
  for (let from = firstId; from < firstId + MESSAGES; from += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, at) => from + at);
    await Promise.all(ids.map((id) => device.send(`jobs/${id}`, { id })));
  }
}

/** How many each replica has done. */
function countShares({ received }: Device): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { text } of received) {
    const { by } = JSON.parse(text);
    shares[by] = (shares[by] ?? 0) + 1;
  }
  return shares;
}

/** Resolves when so many different messages are done. */
async function waitForDone(device: Device, count: number): Promise<void> {
  const seen = new Set<number>();
  let read = 0;
  await device.waitUntil(() => {
    for (const { text } of device.received.slice(read)) seen.add(JSON.parse(text).id);
    read = device.received.length;
    return seen.size >= count;
  }, TEST_TIMEOUT_MS);
}

describeIf("mosquitto", "two replicas of a group", () => {
  test(
    `share ${MESSAGES} messages, each once; one that is killed loses none`,
    async () => {
      await using mosquitto = await startMosquitto(PATIENT);
      await using device = await connectDevice(mosquitto.port, "done");
      await using folderA = createReplica("a");
      await using folderB = createReplica("b");
      await using a = await startReplica(folderA, "a", mosquitto);
      await using _b = await startReplica(folderB, "b", mosquitto);
      await sendJobs(device, 0);
      await waitForDone(device, MESSAGES);
      const { a: first, b: second } = countShares(device);
      expect([first, second]).toEqual([MESSAGES / 2, MESSAGES / 2]); // In turn.
      expect(device.received).toHaveLength(MESSAGES);

      const sending = sendJobs(device, MESSAGES);
      await waitForDone(device, MESSAGES * 1.5);
      await a.process.kill("SIGKILL");
      await sending;
      await using _again = await startReplica(folderA, "a", mosquitto);
      await waitForDone(device, MESSAGES * 2);
      const twice = device.received.length - MESSAGES * 2;
      expect(twice).toBeLessThanOrEqual(WINDOW);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "lose none, and do none twice, when one leaves the group while messages flow",
    async () => {
      await using mosquitto = await startMosquitto(PATIENT);
      await using device = await connectDevice(mosquitto.port, "done");
      await using folderA = createReplica("a");
      await using folderB = createReplica("b");
      await using a = await startReplica(folderA, "a", mosquitto, ["--leave-group"]);
      await using _b = await startReplica(folderB, "b", mosquitto);
      const sending = sendJobs(device, 0);
      await waitForDone(device, MESSAGES / 5);
      await a.process.kill("SIGTERM");
      expect(await a.process.ended).toBe(0);
      await sending;
      // Nothing waits for the one that is gone: the other has done the rest.
      await waitForDone(device, MESSAGES);
      expect(device.received).toHaveLength(MESSAGES);
      const { a: first = 0, b: second = 0 } = countShares(device);
      expect(second).toBeGreaterThan(first);
    },
    TEST_TIMEOUT_MS,
  );
});
