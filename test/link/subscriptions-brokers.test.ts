// Subscriptions on real brokers: what the packets of the other tests come to.

import { describe, expect, test } from "bun:test";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { startGroupMember } from "../kit/group-member.ts";
import { openLink, type TestLink } from "../kit/open-link.ts";
import { describeIf } from "../kit/suites.ts";

type StartBroker = () => Promise<AsyncDisposable & { readonly port: number }>;

const subs = (...filters: string[]) => {
  return filters.map((filter) => ({ filter, qos: 1, retained: "send" }) as const);
};

/** The next message, acknowledged, as `topic generation`. */
async function take(messages: ReturnType<TestLink["link"]["messages"]>): Promise<string> {
  const { value } = await messages.next();
  value.done();
  return `${value.message.topic} ${value.message.retain ? value.retainedSince : "live"}`;
}

function testChanges(name: string, start: StartBroker): void {
  test(`${name}: a new handler gets what is retained, below another's filter too`, async () => {
    await using broker = await start();
    await using device = await connectDevice(broker.port);
    for (const topic of ["a/1", "b/1"]) await device.send(topic, "x", { retain: true });
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a/#") });
    const messages = opened.link.messages();
    expect(await take(messages)).toBe("a/1 0");
    await opened.link.setSubscriptions(subs("a/#", "b/+"));
    expect(await take(messages)).toBe("b/1 1");
    await opened.link.setSubscriptions(subs("a/#", "b/+", "b/1"));
    // The SUBSCRIBE of the generation before has brought its own already.
    expect(await take(messages)).toBe("b/1 2");
    await device.send("b/1", "y");
    expect(await take(messages)).toBe("b/1 live");
  });

  test(`${name}: nothing is missed while a filter becomes wider and narrower`, async () => {
    await using broker = await start();
    await using device = await connectDevice(broker.port);
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a/b") });
    await opened.link.connected();
    const seen = new Set<string>();
    const missing = waitForLast(opened, seen);
    const changing = changeOften(opened, 20);
    for (let count = 0; count < 500; count++) await device.send("a/b", `${count}`);
    await changing;
    await device.send("a/b", "last");
    await missing;
    expect(seen.size).toBe(501);
  });
}

function testRemoval(name: string, start: StartBroker): void {
  test(`${name}: taking away a filter leaves what another one covers`, async () => {
    await using broker = await start();
    await using device = await connectDevice(broker.port);
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a/b", "c") });
    await opened.link.connected();
    await opened.link.setSubscriptions(subs("a/#"));
    for (const topic of ["c", "a/b"]) await device.send(topic, "x");
    expect(await take(opened.link.messages())).toBe("a/b live");
  });

  test(`${name}: ten thousand filters are granted, each brings its message, and go`, async () => {
    await using broker = await start();
    await using device = await connectDevice(broker.port);
    const filters = Array.from({ length: 10_000 }, (_, at) => `devices/${at}/update`);
    await using opened = openLink({ ports: [broker.port], subscriptions: subs(...filters) });
    await opened.link.connected();
    expect(opened.link.state).toMatchObject({ refusedFilters: [] });
    const messages = opened.link.messages();
    for (const at of [0, 499, 500, 9_999]) {
      await device.send(`devices/${at}/update`, "x");
      expect(await take(messages)).toBe(`devices/${at}/update live`);
    }
    await opened.link.setSubscriptions(subs("last"));
    for (const topic of ["devices/9999/update", "last"]) await device.send(topic, "x");
    expect(await take(messages)).toBe("last live");
  });
}

async function changeOften({ link }: TestLink, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    await link.setSubscriptions(subs(["a/b", "a/+", "a/#"][count % 3] ?? "a/b"));
  }
  await link.setSubscriptions(subs("a/b"));
}

async function waitForLast({ link }: TestLink, seen: Set<string>): Promise<void> {
  for await (const { message, done } of link.messages()) {
    done();
    seen.add(String(message.payload));
    if (seen.has("last")) return;
  }
}

/** What each of two members got; none got what the other did. */
async function shareTenThousand(port: number): Promise<readonly (readonly unknown[])[]> {
  await using one = await startGroupMember(port, "one");
  await using other = await startGroupMember(port, "other");
  await using device = await connectDevice(port);
  await sendJobs(device, 0, 10_000);
  await Promise.all([one.waitForLine(/^999[89] /), other.waitForLine(/^999[89] /)]);
  const [first, second] = [readJobs(one.lines), readJobs(other.lines)];
  expect(first.length + second.length).toBe(10_000);
  expect(new Set([...first, ...second]).size).toBe(10_000);
  return [first, second];
}

describe("on the embedded broker", () => {
  testChanges("embedded", startEmbedded);
  testRemoval("embedded", startEmbedded);

  test("two of a group share ten thousand messages, each message once", async () => {
    await using broker = await startEmbedded();
    await shareTenThousand(broker.port);
  }, 30_000);
});

describeIf("mosquitto", "on Mosquitto", () => {
  testChanges("mosquitto", startMosquitto);
  testRemoval("mosquitto", startMosquitto);

  // By default Mosquitto drops what is more than a thousand messages late for one of them.
  const startPatient = () => startMosquitto({ extra: ["max_queued_messages 0"] });

  test("two of a group share ten thousand messages, each message once, in turn", async () => {
    await using broker = await startPatient();
    const [first] = await shareTenThousand(broker.port);
    expect(first).toHaveLength(5_000);
  }, 30_000);

  test("one that leaves a group gets what was queued for it, and no more", async () => {
    await using broker = await startPatient();
    const opening = { ports: [broker.port], group: "workers", subscriptions: subs("jobs/+") };
    await using one = openLink({ ...opening, clientId: "one", inboxMessagesMax: 10 });
    await using other = openLink({ ...opening, clientId: "other" });
    await using device = await connectDevice(broker.port);
    await Promise.all([one.link.connected(), other.link.connected()]);
    // Of a hundred for the one it has not acknowledged any; the most are not even here.
    await sendJobs(device, 0, 200);
    await one.link.setSubscriptions([]);
    await sendJobs(device, 200, 300);
    const seen: string[] = [];
    const count = async ({ link }: TestLink, messages: number) => {
      for await (const { message, done } of link.messages()) {
        done();
        seen.push(String(message.payload));
        messages -= 1;
        if (messages === 0) return;
      }
    };
    await Promise.all([count(one, 100), count(other, 200)]);
    expect(new Set(seen).size).toBe(300);
  });

  test("one of a group that is killed and started again has lost nothing", async () => {
    await using broker = await startPatient();
    await using one = await startGroupMember(broker.port, "one");
    await using other = await startGroupMember(broker.port, "other");
    await using device = await connectDevice(broker.port);
    const sending = sendJobs(device, 0, 10_000);
    await one.waitForLine(/^4\d\d\d /);
    await one.kill("SIGKILL");
    await sending;
    await using again = await startGroupMember(broker.port, "one");
    await Promise.all([again.waitForLine(/^999[89] /), other.waitForLine(/^999[89] /)]);
    const jobs = [one, other, again].flatMap(({ lines }) => readJobs(lines));
    expect(new Set(jobs).size).toBe(10_000);
    // Only what it had not acknowledged came twice, and said so.
    const marked = again.lines.filter((line) => line.endsWith(" true"));
    expect(jobs.length - 10_000).toBeLessThanOrEqual(marked.length);
  }, 30_000);
});

async function sendJobs(device: Device, from: number, to: number): Promise<void> {
  const sends: Promise<void>[] = [];
  for (let count = from; count < to; count++) {
    sends.push(device.send(`jobs/${count % 7}`, String(count)));
    if (sends.length >= 100) await Promise.all(sends.splice(0));
  }
  await Promise.all(sends);
}

function readJobs(lines: readonly string[]): string[] {
  return lines.filter((line) => /^\d+ /.test(line)).map((line) => line.split(" ")[0] ?? "");
}
