// Handlers in the compiled binary may use packages that stand beside them.

import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBinary } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";

const HANDLER = `
import { on, topic } from "viaduto";
import { z } from "zod";

const reading = topic("readings", { payload: z.object({ celsius: z.number() }) });
export default on(reading, ({ payload, publish }) => publish(topic("seen"), payload.celsius));
`;

test("a package in node_modules validates a payload", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-packages-"));
  await mkdir(join(folder, "node_modules"));
  const zod = join(import.meta.dir, "../../node_modules/zod");
  await symlink(zod, join(folder, "node_modules/zod"));
  await Bun.write(join(folder, "reading.ts"), HANDLER);
  await using bridge = await startBinary({ flags: ["--handlers", folder] });
  await using device = await connectDevice(bridge.mqttPort, "seen");
  await device.send("readings", { celsius: "warm" });
  await bridge.process.waitForLine(/WARN - .*\/celsius: Invalid input: expected number/);
  await device.send("readings", { celsius: 21.5 });
  await device.waitForCount(1);
  expect(device.received[0]?.text).toBe("21.5");
  await rm(folder, { recursive: true });
});
