// A link of a group as a process of its own, for tests that kill it: it prints each message, then
// acknowledges it. The last lines are its program; `startGroupMember` is what tests call.

import { openLink } from "./open-link.ts";
import { type RunningProcess, spawnProcess } from "./processes.ts";

/** A member that is connected to the broker on this port and prints `<payload> <duplicate>`. */
export async function startGroupMember(port: number, clientId: string): Promise<RunningProcess> {
  const child = spawnProcess(process.execPath, [import.meta.path, String(port), clientId]);
  await child.waitForLine(/^connected$/);
  return child;
}

function print(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

if (import.meta.main) {
  const [, , port, clientId = ""] = process.argv;
  await using opened = openLink({
    ports: [Number(port)],
    clientId,
    group: "workers",
    subscriptions: [{ filter: "jobs/+", qos: 1, retained: "send" }],
  });
  await opened.link.connected();
  await print("connected");
  for await (const { message, done } of opened.link.messages()) {
    // Written before it is acknowledged, as a handler's work is done before.
    await print(`${message.payload} ${message.duplicate}`);
    done();
  }
}
