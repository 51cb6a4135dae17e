// GET /flows and GET /handlers where more is needed than a bridge in this process: the compiled
// binary with a folder of handlers, tokens that may not see all, and many who wait.

import { expect, test } from "bun:test";
import type { FlowJson } from "../../src/http/flow-schemas.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { startBinary, startBridge } from "../kit/bridge.ts";
import { expectProblem } from "../kit/problems.ts";
import { openTokenBridge } from "../kit/token-bridge.ts";

const FAILING = `import { on, t, topic } from "viaduto";
import { check } from "./_check.ts";

type Unused = { readonly lines: "move" };
export default on(topic("rooms/{id}", { payload: t.Number() }), ({ payload }) => {
  check(payload);
});
`;
const CHECK = `// A helper of the handler.
interface Unused {
  readonly lines: "move";
}
export function check(value: number): void {
  if (value < 0) throw new Error("too cold");
}
`;
const CHAIN = `import { on, t, topic } from "viaduto";
const secret = topic("secret/{id}", { payload: t.Number() });
export default on(topic("rooms/{id}", { payload: t.Number() }), ({ payload, params, publish }) => {
  return publish(secret, params, payload).then(() => {
    throw new Error("the secret is 4200420042");
  });
});
`;
const TOKENS = `
token all all
read
publish
token some some
read rooms/#
`;

type Page = { readonly flows: FlowJson[] };
type Handlers = { readonly handlers: { readonly last_failure?: object }[] };

test("the compiled binary names the line of the user's file that failed", async () => {
  await using folder = await makeTemporaryFolder();
  await folder.write("rooms.ts", FAILING);
  await folder.write("_check.ts", CHECK);
  await using binary = await startBinary({
    flags: ["--data", ":memory:", "--handlers", folder.path],
  });
  await fetch(`${binary.url}/topics/rooms/1`, { method: "PUT", body: "-1" });
  await binary.process.waitForLine(/dead letter 1/);
  const { handlers } = (await (await fetch(`${binary.url}/handlers`)).json()) as Handlers;
  const [flow] = ((await (await fetch(`${binary.url}/flows`)).json()) as Page).flows;
  const place = { file: "_check.ts", line: 6, flow: flow?.id };
  expect(handlers[0]?.last_failure).toMatchObject(place);
});

test("a token sees the flows of its topics, and of other topics nothing", async () => {
  await using folder = await makeTemporaryFolder();
  await folder.write("rooms.ts", CHAIN);
  const flags = ["--handlers", folder.path];
  await using opened = await openTokenBridge(TOKENS, flags);
  const list = async (token: string) => {
    const answer = await opened.ask("/flows?wait=10s", token);
    return ((await answer.json()) as Page).flows;
  };
  await opened.ask("/topics/rooms/1", "all", { method: "PUT", body: "1" });
  await opened.bridge.waitForLine(/dead letter 1/);
  await opened.ask("/topics/other/1", "all", { method: "PUT", body: "1" });
  const [whole] = await list("all");
  expect(whole?.runs[0]).toMatchObject({ publishes: [{ topic: "secret/1" }] });
  expect(whole?.runs[0]?.detail).toContain("4200420042");
  const text = JSON.stringify(await list("some"));
  expect(text).toContain("rooms/1");
  expect(text).not.toMatch(/secret|4200420042/);
  const one = await opened.ask(`/flows/${whole?.id}`, "some");
  expect(await one.text()).not.toMatch(/secret|4200420042/);
  const refused = await opened.ask("/flows?filter=secret/%23", "some");
  expect(await refused.json()).toMatchObject({ flows: [] });
});

test("one more than may wait is refused, and all who wait are told of the end", async () => {
  const waiting = Promise.withResolvers<Response>();
  {
    await using bridge = await startBridge({ flags: ["--flow-waiters-max", "1"], handlers: [] });
    const ask = () => fetch(`${bridge.url}/flows?after=0&wait=10m`);
    waiting.resolve(ask());
    const { flows } = bridge.app.observing;
    while (flows?.waiting !== 1) await fetch(`${bridge.url}/flows`);
    await expectProblem(await ask(), 503, "flow_waiters_full");
  }
  await expectProblem(await waiting.promise, 503, "link_closed");
});
