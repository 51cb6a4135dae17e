// What axe-core finds wrong with a page that is open, as far as it is serious.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS: readonly unknown[] = ["serious", "critical"];

/** One line for each element: the rule, where it is, and what axe-core says of it. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Not as a script of the page, which its Content-Security-Policy would refuse.
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => SERIOUS.includes(impact))
    .flatMap(({ id, nodes }) => {
      return nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`);
    });
}
