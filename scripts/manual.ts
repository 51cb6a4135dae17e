// Writes the README's table of options from the schema. A test holds that it is up to date.

import { join } from "node:path";
import { describeDefault, OPTIONS } from "../src/config/options.ts";

const README = join(import.meta.dir, "../README.md");
const BEGIN = "<!-- options: made by scripts/manual.ts -->";
const END = "<!-- /options -->";

/** The table in Markdown. */
export function buildOptionsTable(): string {
  const rows = OPTIONS.map((option) => {
    const names = option.environment.map((name) => `\`${name}\``).join(", ");
    const words = option.schema.description.replaceAll("|", "\\|");
    const danger = option.schema.danger ? `. **Danger**: ${option.schema.danger}` : "";
    return `| \`--${option.flag}\` | ${names} | ${describeDefault(option)} | ${words}${danger} |`;
  });
  return ["| flag | environment | default | meaning |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** The README with the table of today in place of the one it has. */
export function replaceOptionsTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md has no ${BEGIN}`);
  return `${before}${BEGIN}\n${buildOptionsTable()}\n${END}${after}`;
}

if (import.meta.main) {
  await Bun.write(README, replaceOptionsTable(await Bun.file(README).text()));
}
