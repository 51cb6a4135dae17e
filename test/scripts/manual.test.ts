// The README says what the program does.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { replaceOptionsTable } from "../../scripts/manual.ts";

const ROOT = join(import.meta.dir, "../..");

test("the README's options are the schema's (else: bun scripts/manual.ts)", async () => {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  expect(replaceOptionsTable(readme)).toBe(readme);
});

test("every file that the README names is there", async () => {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  const files = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) expect(await Bun.file(join(ROOT, file)).exists()).toBeTrue();
});

test("the handler in the README is the built-in one", async () => {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  const source = await Bun.file(join(ROOT, "src/handlers/devices-update.ts")).text();
  const code = source.slice(source.indexOf("import "));
  expect(readme).toContain(code.trim());
});
