// The types that the binary carries, as an editor sees them: no node_modules, the whole of them.

import { describe, expect, test } from "bun:test";
import { openStarterFolder, type StarterFolder } from "../cli/starter-folder.ts";

const MISTAKES = `
import { on, t, topic } from "viaduto";
import { heard, said } from "./echo.ts";

export default on(said, async ({ payload, params, publish }) => {
  // @ts-expect-error: the payload has no such field.
  payload.txt;
  // @ts-expect-error: the pattern has no such parameter.
  params.nome;
  // @ts-expect-error: the other topic's payload has a text.
  await publish(heard, { name: "ana" }, { name: "ana", text: 1 });
  // @ts-expect-error: the other topic has a parameter, and it is not given.
  await publish(heard, { name: "ana", text: "hello" });
});

export const others = topic("others/{id}", {
  payload: t.Object({
    when: t.Date(),
    raw: t.Uint8Array(),
    counts: t.Record(t.String(), t.Number()),
    part: t.Pick(t.Object({ x: t.String(), y: t.Number() }), ["x"]),
    rest: t.Omit(t.Object({ x: t.String(), y: t.Number() }), ["x"]),
  }),
});

on(others, ({ payload: { when, raw, counts, part, rest }, message }) => {
  // @ts-expect-error: each of these would be any if its type were lost.
  when.none;
  // @ts-expect-error
  raw.none;
  // @ts-expect-error
  counts.some?.none;
  // @ts-expect-error
  part.y;
  // @ts-expect-error
  rest.x;
  // @ts-expect-error
  message.payload.none;
  return void [when.getTime(), raw.length, part.x, rest.y, message.payload.toString("hex")];
});
`;

describe("the declarations of the binary", () => {
  test("hold, with the starter folder, when no library check is skipped", async () => {
    await using folder = await openStrictFolder();
    expect(await folder.checkTypes()).toBe("");
  });

  test("import nothing that is not beside them", async () => {
    await using folder = await openStarterFolder();
    for (const name of ["viaduto", "testing", "shared"]) {
      const text = await folder.read(`.viaduto/${name}.d.ts`);
      const sources = [...text.matchAll(/(?:from|import\() ?"([^"]+)"/g)].map(([, from]) => from);
      expect(sources.filter((from) => !from?.startsWith("./"))).toEqual([]);
    }
  });

  test("find a wrong payload, a wrong parameter and a wrong publish", async () => {
    await using folder = await openStrictFolder();
    await folder.write("handlers/mistakes.ts", MISTAKES);
    expect(await folder.checkTypes()).toBe("");
    await folder.write("handlers/mistakes.ts", MISTAKES.replaceAll(/@ts-expect-error/g, ""));
    const lines = (await folder.checkTypes()).split("\n").filter((line) => line.includes("error"));
    expect(lines.length).toBe(MISTAKES.split("@ts-expect-error").length - 1);
    expect(lines.join("\n")).toMatch(/'txt' does not exist.*\n.*'nome' does not exist/);
  });

  test("name the types that a helper of several handlers takes", async () => {
    await using folder = await openStrictFolder();
    const text = `
      import { type CommonHooks, hooks, type Logger, type Publish, type Request } from "viaduto";
      import { heard, said } from "./echo.ts";

      export async function greet(publish: Publish, request: Request, log: Logger): Promise<void> {
        const text = { text: "hello" };
        await publish(said, { name: "ana" }, text, { timeout: 500 });
        log.info(String(await request(said, { name: "ana" }, text)));
        // @ts-expect-error: the other topic's payload has a name.
        await publish(heard, { name: "ana" }, text);
      }
      export const told: CommonHooks = hooks({ before: ({ log }) => log.info("before") });
    `;
    await folder.write("handlers/_greet.ts", text);
    expect(await folder.checkTypes()).toBe("");
  });

  test("tell what a message may be, for who writes without a schema", async () => {
    await using folder = await openStrictFolder();
    const text = `
      import { on, topic } from "viaduto";
      on(topic("raw/#", { content: "bytes" }), ({ payload, log }) => {
        const name: string | undefined = process.env.NAME;
        log.info(\`\${name} \${Buffer.from(payload).toString("hex")}\`);
      });
    `;
    await folder.write("handlers/raw.ts", text);
    expect(await folder.checkTypes()).toBe("");
  });
});

async function openStrictFolder(): Promise<StarterFolder> {
  const folder = await openStarterFolder();
  const tsconfig = await folder.read("tsconfig.json");
  await folder.write(
    "tsconfig.json",
    tsconfig.replace('"skipLibCheck": true', '"skipLibCheck": false'),
  );
  return folder;
}
