// The style sheets of the explorer: all are in force on all pages, so that each page may only speak
// of its own elements. What several pages share is in shell/.

import { expect, test } from "bun:test";
import { join } from "node:path";

const WEB = join(import.meta.dir, "../../src/web");
/** The chart is a part of the pane of a message. */
const HOMES: Readonly<Record<string, string>> = { chart: "message" };
const CLASSES = /class=(?:"([^"]*)"|\{([^}]*(?:\{[^}]*\}[^}]*)*)\})/g;

type File = { readonly path: string; readonly page: string; readonly text: string };

test("a style sheet of a page means no element of another", async () => {
  const owners = new Map<string, Set<string>>();
  for (const { page, text } of await read("tsx")) {
    for (const [, plain, code = ""] of text.matchAll(CLASSES)) {
      for (const [name] of (plain ?? code).matchAll(/[a-z][\w-]*/g)) {
        owners.set(name, (owners.get(name) ?? new Set()).add(page));
      }
    }
  }
  const strays = (await read("css")).flatMap(({ path, page, text }) => {
    return listSelectors(text).flatMap((selector) => {
      const [name] = /(?<=^[^\s>+~]*\.)[a-z][\w-]*/.exec(selector) ?? [];
      const others = [...(owners.get(name ?? "") ?? [])].filter((one) => one !== page);
      return others.length > 0 ? [`${path}: ${selector} is of ${others.join(", ")}`] : [];
    });
  });
  expect(owners.size).toBeGreaterThan(100);
  expect(strays).toEqual([]);
});

async function read(ending: string): Promise<readonly File[]> {
  const files: File[] = [];
  for (const path of new Bun.Glob(`*/*.${ending}`).scanSync(WEB)) {
    const [folder = ""] = path.split("/");
    if (folder === "docs" || folder === "shell") continue;
    const text = await Bun.file(join(WEB, path)).text();
    files.push({ path, page: HOMES[folder] ?? folder, text });
  }
  return files;
}

function listSelectors(text: string): readonly string[] {
  const rules = text.replaceAll(/\/\*.*?\*\//gs, "").matchAll(/([^{};@]+)\{/g);
  return [...rules].flatMap(([, selectors = ""]) => {
    return selectors.split(/,(?![^(]*\))/).map((selector) => selector.trim());
  });
}
