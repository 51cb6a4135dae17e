// The text of a new handler and of its test, made from a pattern. `viaduto new` writes it; here
// nothing touches a file.

import { escapeControl } from "../lib/log.ts";
import { type Pattern, parsePattern } from "../topics/pattern.ts";

/** What a new handler answers on: this level, then the levels of its own topic. */
const ANSWERS = "answers";
const VALUE = 21;

/** The pattern with a name for each wildcard, so that the handler can read it. */
export function toNamedPattern({ levels }: Pattern): Pattern {
  const taken = new Set(levels.flatMap((level) => toParam(level) ?? []));
  const toName = (name: string): string => (taken.has(name) ? toName(`${name}_`) : name);
  const named = levels.map((level, at) => {
    if (level.kind === "literal") return level.text;
    const name = level.param ?? toName(level.kind === "one" ? `level${at + 1}` : "rest");
    return level.kind === "one" ? `{${name}}` : `{${name}...}`;
  });
  return parsePattern(named.join("/"));
}

/** `devices/{id}/state` gives `devices-state`; a pattern of parameters alone gives their names. */
export function toFileName({ levels }: Pattern): string {
  const join = (parts: readonly string[]) => parts.map(toKebab).filter(Boolean).join("-");
  const literals = levels.flatMap((level) => (level.kind === "literal" ? [level.text] : []));
  return join(literals) || join(levels.flatMap((level) => toParam(level) ?? [])) || "handler";
}

/** The file of the handler. Throws `pattern_invalid` when its answers would have no topic. */
export function buildHandler(pattern: Pattern): string {
  const { text, levels } = pattern;
  const answers = parsePattern(`${ANSWERS}/${text}`).text;
  const build = hearsItself(levels[0]) ? buildDeaf : buildPlain;
  return `// Answers each value on ${escapeControl(text)}.

import { on, t, topic } from "viaduto";

export const received = topic(${JSON.stringify(text)}, {
  payload: t.Object({ value: t.Number() }),
});

export const answer = topic(${JSON.stringify(answers)}, {
  payload: t.Object({ value: t.Number() }),
});

${build(buildRun(pattern))}
`;
}

function buildRun({ levels }: Pattern): string {
  const params = levels.flatMap((level) => toParam(level) ?? []);
  const given = ["payload", ...(params.length > 0 ? ["params"] : []), "publish", "log"].join(", ");
  const of = params.map((name) => `\${params.${name}}`).join(", ");
  return `async ({ ${given} }) => {
  log.info(\`value \${payload.value}${of && ` of ${of}`}\`);
  await publish(answer, ${params.length > 0 ? "params, " : ""}{ value: payload.value });
}`;
}

function buildPlain(run: string): string {
  return `export default on(received, ${run});`;
}

function buildDeaf(run: string): string {
  return `export default on(
  received,
  ${run.replaceAll("\n", "\n  ")},
  // Its own answers fit the pattern as well, and are not meant for it.
  { noLocal: true },
);`;
}

/** Whether the answers may fit the pattern: they begin with a level of their own. */
function hearsItself(first: Pattern["levels"][number] | undefined): boolean {
  return first?.kind !== "literal" || first.text === ANSWERS;
}

/** The file of its test; `name` is the handler's file without ending. */
export function buildHandlerTest({ text, levels }: Pattern, name: string): string {
  const params = levels.flatMap((level) => toParam(level) ?? []);
  const values = params.map((param) => `${param}: ${JSON.stringify(`${param}-1`)}`).join(", ");
  const given = params.length > 0 ? `{ ${values} }, ` : "";
  return `import { expect, test } from "bun:test";
import { startBridge } from "viaduto/testing";
import handler, { answer, received } from "./${name}.ts";

test(${JSON.stringify(`a value on ${text} is answered`)}, async () => {
  await using bridge = await startBridge({ handlers: [handler] });
  await bridge.send(received, ${given}{ value: ${VALUE} });
  const { payload } = await bridge.expectMessage(answer);
  expect(payload).toEqual({ value: ${VALUE} });
});
`;
}

function toParam(level: Pattern["levels"][number]): string | undefined {
  return level.kind === "literal" ? undefined : level.param;
}

/** `deviceState` gives `device-state`; what is no letter and no digit of ASCII goes. */
function toKebab(text: string): string {
  const words = text.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
  return words.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}
