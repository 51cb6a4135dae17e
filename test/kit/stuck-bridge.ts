// A program: the bridge with a handler that never finishes. It says how many run, and is killed.
// Usage: bun test/kit/stuck-bridge.ts <port of the broker> <client id>

import { on, t, topic } from "../../src/viaduto.ts";
import { startBridge } from "./bridge.ts";

const [port, clientId] = process.argv.slice(2);
const update = topic("devices/update", { payload: t.Object({ device_id: t.String() }) });
let running = 0;
const stuck = on(
  update,
  () => {
    running += 1;
    process.stdout.write(`running ${running}\n`);
    return new Promise(() => {});
  },
  { key: ({ payload }) => payload.device_id },
);

const flags = ["--broker", `mqtt://127.0.0.1:${port}`, "--client-id", String(clientId)];
const bridge = await startBridge({ flags, handlers: [stuck] });
await bridge.app.link.connected();
process.stdout.write("connected\n");
