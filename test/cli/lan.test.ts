// `viaduto --lan` as a room sees it.

import { expect, test } from "bun:test";
import { buildBanner, describeApp } from "../../src/cli/banner.ts";
import { readSettings } from "../../src/config/read.ts";
import { listAddresses } from "../../src/lib/addresses.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { expectProblem } from "../kit/problems.ts";

const [ADDRESS] = listAddresses("0.0.0.0");

const startRoom = (...flags: string[]) => {
  return startBridge({ flags: ["--lan", "--host", "127.0.0.1", ...flags] });
};

function readRoom({ app }: Bridge, argv: readonly string[] = [], columns?: number) {
  const input = { argv: ["--lan", ...argv], env: {}, cwd: "/", isTerminal: true };
  const { settings } = readSettings(input);
  return {
    banner: buildBanner(settings, app, columns === undefined ? undefined : { columns }),
    facts: describeApp(settings, app),
  };
}

test("the banner says where, with which login, and gives a line to copy", async () => {
  await using bridge = await startRoom();
  const { app, mqttPort } = bridge;
  const { password = "", httpToken } = app.lanLogin ?? {};
  expect(password).toMatch(/^\w+-\w+-\w+-\d+$/);
  const { banner } = readRoom(bridge);
  const lines = banner.split("\n");
  expect(lines).toContain(`  HTTP       http://${ADDRESS}:${app.httpPort}`);
  expect(lines).toContain(`  Login      user viaduto, password ${password}`);
  expect(lines).toContain(`  Browser    http://${ADDRESS}:${app.httpPort}/?token=${httpToken}`);
  expect(banner).toContain("everyone who reaches 0.0.0.0: MQTT with a login, HTTP with the token");
  expect(banner).toContain(
    `mosquitto_pub -h ${ADDRESS} -p ${mqttPort} -u viaduto -P ${password} -t devices/update -m`,
  );
});

test("a terminal shows the page as a QR code, where it has room", async () => {
  await using bridge = await startRoom();
  const hasCode = (columns?: number) => readRoom(bridge, [], columns).banner.includes("█▀▀▀▀▀█");
  expect([hasCode(120), hasCode(20), hasCode()]).toEqual([true, false, false]);
});

test("machines are told the login when it was made, and not again", async () => {
  await using folder = await makeFolder();
  const data = ["--data", folder.path];
  const read = async () => {
    await using bridge = await startRoom(...data);
    return { login: bridge.app.lanLogin, ...readRoom(bridge, data) };
  };
  const first = await read();
  const { password, httpToken } = first.login ?? {};
  expect(first.facts).toMatchObject({ username: "viaduto", password, http_token: httpToken });
  const second = await read();
  expect(second.login).toMatchObject({ password: String(password), isNew: false });
  expect(second.facts.username).toBe("viaduto");
  expect(second.facts.try).toContain(" -u viaduto -P PASSWORD ");
  for (const secret of [password, httpToken]) {
    expect(JSON.stringify(second.facts)).not.toContain(String(secret));
    expect(second.banner).toContain(String(secret)); // For the person at the terminal.
  }
});

test("HTTP asks for the room's token, and the page of the QR code gives it", async () => {
  await using bridge = await startRoom();
  await expectProblem(await fetch(`${bridge.url}/handlers`), 401, "token_missing");
  const { httpToken } = bridge.app.lanLogin ?? {};
  const page = await fetch(`${bridge.url}/?token=${httpToken}`, { redirect: "manual" });
  const [cookie = ""] = page.headers.get("Set-Cookie")?.split(";") ?? [];
  const answer = await fetch(`${bridge.url}/handlers`, { headers: { Cookie: cookie } });
  expect(answer.status).toBe(200);
});

test("what somebody has chosen goes before what would be made", async () => {
  await using bridge = await startRoom("--http-token", "mine");
  const headers = { Authorization: "Bearer mine" };
  expect((await fetch(`${bridge.url}/handlers`, { headers })).status).toBe(200);
  const { banner, facts } = readRoom(bridge, ["--http-token", "mine", "--password-file", "p"], 120);
  const { password, httpToken } = bridge.app.lanLogin ?? {};
  for (const secret of ["mine", password, httpToken]) {
    expect(banner + JSON.stringify(facts)).not.toContain(String(secret));
  }
  expect(banner).toContain(" -u USER -P PASSWORD ");
});

test("without --lan nothing is made", async () => {
  await using bridge = await startBridge();
  expect(bridge.app.lanLogin).toBeUndefined();
});
