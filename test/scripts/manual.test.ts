// The READMEs say what the program does: its options, commands, flags, routes and files.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { replaceOptionsTable } from "../../scripts/manual.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { startBridge } from "../kit/bridge.ts";

const ROOT = join(import.meta.dir, "../..");
const MANUALS = ["README.md", "README.pt-BR.md"];

test("the README's options are the schema's (else: bun scripts/manual.ts)", async () => {
  const readme = await read("README.md");
  expect(replaceOptionsTable(readme)).toBe(readme);
});

test("the README names every command", async () => {
  const named = findCommands(await read("README.md")).map(([, name]) => name);
  // `viaduto` alone is serve, and each command knows its own help.
  const commands = COMMANDS.map(({ name }) => name).filter((name) => name !== "serve");
  expect(commands.filter((name) => !named.includes(name))).toEqual([]);
});

describe.each(MANUALS)("%s", (manual) => {
  test("names files that are there", async () => {
    const files = [...(await read(manual)).matchAll(/\]\(([^)#][^)]*)\)/g)]
      .map(([, file = ""]) => file)
      .filter((file) => !file.startsWith("https:"));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect([file, await Bun.file(join(ROOT, file)).exists()]).toEqual([file, true]);
    }
  });

  test("names commands and flags that are there", async () => {
    for (const [line, name] of findCommands(await read(manual))) {
      const command = COMMANDS.find((one) => one.name === (name ?? "serve"));
      expect([line, command?.name]).toEqual([line, name ?? "serve"]);
      const help = await loadHelp(name ?? "serve");
      const flags = [...line.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, flag = ""]) => flag);
      expect([line, flags.filter((flag) => !help.includes(flag))]).toEqual([line, []]);
    }
  });

  test("names routes that are there", async () => {
    await using bridge = await startBridge();
    const routes = [...(await read(manual)).matchAll(/`(GET|POST|PUT|DELETE) (\/[^`]*)`/g)];
    for (const [route, method = "", path = ""] of routes) {
      const url = bridge.url + path.replace("<topic>", "a/b").replace("<id>", "1");
      const response = await fetch(url, { method, ...(method === "PUT" && { body: "1" }) });
      expect([route, await response.text()]).not.toEqual([
        route,
        expect.stringContaining('"code":"route_unknown"'),
      ]);
    }
  });
});

test("the README names every route that GET / does", async () => {
  await using bridge = await startBridge();
  const { routes } = (await (await fetch(bridge.url)).json()) as { routes: object };
  const readme = await read("README.md");
  expect(Object.keys(routes).filter((route) => !readme.includes(`\`${route}\``))).toEqual([]);
});

test("the README names every metric", async () => {
  await using bridge = await startBridge();
  const text = await (await fetch(`${bridge.url}/metrics`)).text();
  const metrics = [...text.matchAll(/^# TYPE viaduto_(\w+?)(?:_total)? /gm)];
  const names = metrics.map(([, name = ""]) => name).filter((name) => !name.startsWith("process_"));
  expect(names.length).toBeGreaterThan(40);
  const readme = await read("README.md");
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

function read(file: string): Promise<string> {
  return Bun.file(join(ROOT, file)).text();
}

/** Calls of the binary in blocks of shell, and in the text: the line, and the command or none. */
function findCommands(manual: string): (readonly [line: string, name: string | undefined])[] {
  const blocks = [...manual.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.split("\n"));
  const words = [...manual.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...lines, ...words].flatMap((line) => {
    const match = /^(?:[A-Z_]+=\S+ )*viaduto(?: ([a-z]+(?:-[a-z]+)*))?(?= |$)/.exec(line);
    return match ? [[line, match[1]] as const] : [];
  });
}

async function loadHelp(name: string): Promise<string> {
  const command = COMMANDS.find((one) => one.name === name);
  const module = await command?.load();
  return (await command?.help?.()) ?? module?.help?.() ?? "";
}
