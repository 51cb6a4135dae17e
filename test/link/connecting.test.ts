// How the link finds its broker, again and again, and what it says on the way.

import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { findFreePort } from "../../scripts/free-port.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { toRetryDelayMs } from "../../src/link/backoff.ts";
import type { LinkState } from "../../src/link/state.ts";
import { nextState } from "../../src/link/state.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { openLink, type TestLink, toMessage } from "../kit/open-link.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";

async function waitForState(opened: TestLink, kind: LinkState["kind"]): Promise<LinkState> {
  for await (const state of opened.link.states()) if (state.kind === kind) return state;
  throw new Error(`the link closed before it was ${kind}`);
}

async function waitForFailure(opened: TestLink): Promise<string> {
  const state = await waitForState(opened, "waiting");
  return state.kind === "waiting" ? state.error.code : "";
}

test("the delay doubles to four seconds, and up to half of it is taken off", () => {
  const delays = [1, 2, 3, 4, 5, 6, 100].map((failures) => toRetryDelayMs(failures, 0));
  expect(delays).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  expect(toRetryDelayMs(3, 1)).toBe(500);
});

test("a closed link stays closed, and each event leads to its state", () => {
  const error = new ViadutoError("link_closed");
  const connecting: LinkState = { kind: "connecting", broker: "a" };
  const failed = nextState(connecting, { kind: "failed", error, retryInMs: 9 });
  expect(failed).toEqual({ kind: "waiting", broker: "a", error, retryInMs: 9 });
  const again = nextState(failed, { kind: "attempt", broker: "b" });
  expect(again).toEqual({ kind: "connecting", broker: "b" });
  const opened = { version: 5, isSessionPresent: false, refusedFilters: [] } as const;
  const connected = nextState(again, { kind: "opened", ...opened });
  expect(connected).toEqual({ kind: "connected", broker: "b", ...opened });
  const closed = nextState(connected, { kind: "stopped" });
  expect(nextState(closed, { kind: "attempt", broker: "a" })).toEqual({ kind: "closed" });
});

test("states are an async iterable that ends when the link is closed", async () => {
  await using broker = await startScriptedBroker();
  const opened = openLink({ ports: [broker.port] });
  const kinds: string[] = [];
  const reading = (async () => {
    for await (const { kind } of opened.link.states()) kinds.push(kind);
  })();
  await (await broker.next()).accept();
  await opened.link.connected();
  await opened[Symbol.asyncDispose]();
  await reading;
  expect(kinds).toEqual(["connecting", "connected", "closed"]);
});

describe("a broker that", () => {
  test("refuses the login is asked again, until it lets us in", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port] });
    const first = await broker.next();
    await first.next("connect");
    first.send({ cmd: "connack", sessionPresent: false, reasonCode: 0x86 });
    expect(await waitForFailure(opened)).toBe("login_refused");
    await opened.waitForLine(/WARN - .*refused the login: Bad User Name or Password \(0x86\)/);
    await (await broker.next()).accept();
    await opened.link.connected();
  });

  for (const [name, answer] of [
    ["with MQTT 5's reason code", Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00])],
    ["with 3.1.1's return code", Buffer.from([0x20, 0x02, 0x00, 0x01])],
  ] as const) {
    test(`refuses version 5 ${name} is spoken to in 3.1.1`, async () => {
      await using broker = await startScriptedBroker();
      await using opened = openLink({ ports: [broker.port] });
      const first = await broker.next();
      expect((await first.next("connect")).protocolVersion).toBe(5);
      first.sendBytes(answer);
      const second = await broker.next();
      expect((await second.accept()).protocolVersion).toBe(4);
      await opened.waitForLine(/connected to .* \(MQTT 3\.1\.1/);
    });
  }

  test("hangs up at version 5 is tried in 3.1.1, and then in 5 again", async () => {
    await using broker = await startScriptedBroker();
    await using _opened = openLink({ ports: [broker.port] });
    const versions: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const connection = await broker.next();
      versions.push((await connection.next("connect")).protocolVersion);
      connection.destroy();
    }
    expect(versions).toEqual([5, 4, 5]);
  });

  test("says nothing is given up on at the connect timeout", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], connectTimeoutMs: 100 });
    expect(await waitForFailure(opened)).toBe("broker_silent");
  });

  test("speaks HTTP is told from one that speaks MQTT", async () => {
    const http = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hi") });
    await using opened = openLink({ ports: [http.port ?? 0], connectTimeoutMs: 500 });
    expect(await waitForFailure(opened)).toBe("broker_garbled");
    await http.stop(true);
  });

  test("sends a malformed CONNACK can not stop the process", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port] });
    // Server Keep Alive (0x13): truncated to one byte, then given twice.
    const truncated = [0x20, 0x05, 0x00, 0x00, 0x02, 0x13, 0x00];
    const doubled = [0x20, 0x09, 0x00, 0x00, 0x06, 0x13, 0x00, 0x0a, 0x13, 0x00, 0x0a];
    for (const bytes of [truncated, doubled]) {
      const connection = await broker.next();
      await connection.next("connect");
      connection.sendBytes(Buffer.from(bytes));
      await connection.closed;
    }
    await opened.waitForLine(/not MQTT: property serverKeepAlive is malformed/);
    await (await broker.next()).accept();
    await opened.link.connected();
  });

  test("gives the session to someone else is named so", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port] });
    const connection = await broker.next();
    await connection.accept();
    await opened.link.connected();
    connection.send({ cmd: "disconnect", reasonCode: 0x8e });
    connection.destroy();
    expect(await waitForFailure(opened)).toBe("session_taken_over");
    await opened.waitForLine(/another client took over .* give each its own with --client-id/);
  });

  test("refuses a subscription leaves the link connected, and is named", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port] });
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    const { messageId = 0 } = await connection.next("subscribe");
    connection.send({ cmd: "suback", granted: [0x87], messageId });
    const state = await waitForState(opened, "connected");
    expect(state).toMatchObject({ refusedFilters: ["in/#"] });
    await opened.waitForLine(/ERROR - .*refused the subscription to 'in\/#'/);
  });

  test("is not there is not waited for: the next of the list is tried", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [await findFreePort(), broker.port] });
    await (await broker.next()).accept();
    await opened.waitForLine(/WARN - nothing listens at .*/);
    await opened.link.connected();
  });

  test("takes the TCP connection away at once is survived", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await using opened = openLink({ ports: [port] });
    expect(await waitForFailure(opened)).toBe("broker_hung_up");
    server.close();
  });
});

test("a name that does not resolve is one clear line", async () => {
  const target = { label: "mqtt://no.such.host.invalid:1883", open: () => openUnresolvable() };
  await using opened = openLink({ targets: [target] });
  expect(await waitForFailure(opened)).toBe("broker_unresolvable");
  await opened.waitForLine(/the broker's name no\.such\.host\.invalid does not resolve/);
});

function openUnresolvable() {
  const { connect } = require("node:net") as typeof import("node:net");
  return connect({ host: "no.such.host.invalid", port: 1883 });
}

test("closing does not wait for a broker that does not answer", async () => {
  await using broker = await startScriptedBroker();
  const opened = openLink({ ports: [broker.port], connectTimeoutMs: 60_000 });
  const connection = await broker.next();
  await connection.next("connect");
  await opened[Symbol.asyncDispose]();
  await connection.closed;
});

test("connections that end at once, again and again, are told with a likely cause", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  for (let times = 0; times < 3; times++) {
    const connection = await broker.next();
    await connection.accept();
    await opened.link.connected();
    connection.destroy();
  }
  await opened.waitForLine(/WARN - 3 connections in a row .* the id 'link'\?/);
});

test("a failure that repeats is told once, and the reconnect too", async () => {
  const port = await findFreePort();
  await using opened = openLink({ ports: [port] });
  await opened.waitForLine(/trying again in .*attempt 3/);
  expect(opened.lines.filter((line) => line.includes("WARN"))).toHaveLength(1);
});

describeIf("mosquitto", "on Mosquitto", () => {
  test("a wrong password is one clear line, and the right one gets in", async () => {
    await using mosquitto = await startMosquitto({ users: { me: "right" } });
    const target = (password: string) => {
      const { connect } = require("node:net") as typeof import("node:net");
      const open = () => connect({ host: "127.0.0.1", port: mosquitto.port });
      return { label: "mosquitto", username: "me", password, open };
    };
    await using refused = openLink({ targets: [target("wrong")] });
    expect(await waitForFailure(refused)).toBe("login_refused");
    await using accepted = openLink({ targets: [target("right")], clientId: "other" });
    await accepted.link.connected();
    expect(accepted.link.state.kind).toBe("connected");
  });

  test("a frozen broker's publishes arrive after it thaws", async () => {
    await using mosquitto = await startMosquitto();
    await using opened = openLink({ ports: [mosquitto.port] });
    await opened.link.connected();
    await mosquitto.kill("SIGSTOP");
    const late = await opened.link.publish(toMessage("a"), { timeoutMs: 100 }).catch((e) => e.code);
    expect(late).toBe("publish_timeout");
    const patient = opened.link.publish(toMessage("b"));
    await mosquitto.kill("SIGCONT");
    expect(await patient).toEqual({ reasonCode: 0x10 });
  });
});
