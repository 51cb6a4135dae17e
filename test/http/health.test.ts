// Whether the bridge is alive and can do its work, as a supervisor asks.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { findFreePort } from "../../scripts/free-port.ts";
import { toBrokerPath } from "../../src/store/broker-file.ts";
import { startBridge } from "../kit/bridge.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { expectProblem } from "../kit/problems.ts";

describe("the state", () => {
  test("/health is alive, /ready is connected, / lists the routes", async () => {
    await using bridge = await startBridge();
    expect(await (await fetch(`${bridge.url}/health`)).json()).toMatchObject({ status: "ok" });
    expect(await (await fetch(`${bridge.url}/ready`)).json()).toMatchObject({
      status: "ready",
      mqtt_version: "5",
    });
    const { routes } = (await (await fetch(`${bridge.url}/`)).json()) as {
      routes: Record<string, string>;
    };
    expect(Object.keys(routes)).toContain("POST /publish");
  });

  test("/ says how others come in, and that on loopback nobody does", async () => {
    await using alone = await startBridge();
    const { reach } = await readHome(alone.url);
    expect(reach).toEqual({ addresses: [], mqtt_port: alone.mqttPort, token_asked: false });
    await using open = await startBridge({ flags: ["--host", "127.0.0.1", "--http-token", "abc"] });
    const headers = { Authorization: "Bearer abc" };
    expect((await readHome(open.url, headers)).reach).toMatchObject({ token_asked: true });
  });

  test("an unknown route is a problem that names it", async () => {
    await using bridge = await startBridge();
    const problem = await expectProblem(await fetch(`${bridge.url}/nix`), 404, "route_unknown");
    expect(problem.detail).toBe("there is no GET /nix");
  });

  test("without its broker the bridge is alive, not ready, and publishes end in 503", async () => {
    const port = await findFreePort();
    const flags = ["--broker", `mqtt://127.0.0.1:${port}`, "--publish-timeout", "50"];
    await using alone = await startBridge({ flags });
    await alone.waitForLine(/nothing listens at/);
    expect((await fetch(`${alone.url}/health`)).status).toBe(200);
    const ready = await fetch(`${alone.url}/ready`);
    const problem = await expectProblem(ready, 503, "not_ready");
    expect(problem.detail).toContain(`nothing listens at mqtt://127.0.0.1:${port}`);
    const body = JSON.stringify({ topic: "a", payload: "x", qos: 1 });
    const late = await fetch(`${alone.url}/publish`, { method: "POST", body });
    expect(late.headers.get("Retry-After")).toBe("5");
    await expectProblem(late, 503, "publish_timeout");
  });

  test("while the broker's file takes nothing it is not ready, and says why", async () => {
    await using folder = await makeFolder();
    await using bridge = await startBridge({ flags: ["--data", folder.path] });
    using other = new Database(toBrokerPath(folder.path));
    other.run("PRAGMA busy_timeout = 10000"); // The bridge may be writing.
    other.run("BEGIN IMMEDIATE"); // Whoever holds the file, or fills its disk, has the same effect.
    const body = JSON.stringify({ topic: "a", payload: "x", qos: 1, retain: true });
    const sent = fetch(`${bridge.url}/publish`, { method: "POST", body });
    await bridge.waitForLine(/ERROR - the broker's file takes nothing/);
    const problem = await expectProblem(await fetch(`${bridge.url}/ready`), 503, "not_ready");
    expect(problem.detail).toBe("not ready: the broker's file takes nothing: database is locked");
    expect((await fetch(`${bridge.url}/health`)).status).toBe(200);
    other.run("COMMIT");
    await bridge.waitForLine(/INFO - the broker's file takes changes again/);
    expect((await fetch(`${bridge.url}/ready`)).status).toBe(200);
    expect((await sent).ok).toBe(true);
  });
});

async function readHome(url: string, headers = {}): Promise<{ readonly reach: unknown }> {
  return (await fetch(`${url}/`, { headers })).json() as Promise<{ readonly reach: unknown }>;
}
