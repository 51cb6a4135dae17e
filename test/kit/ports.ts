// Free ports for programs that cannot choose one themselves.

import { createServer } from "node:net";

const ATTEMPTS_MAX = 5;

/** A TCP port of 127.0.0.1 that was free a moment ago; another program may take it at any time. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  if (address === null || typeof address === "string") throw new Error("no TCP address was given");
  return address.port;
}

/** Calls `start` with free ports, and again with others as long as it says that one was taken. */
export async function withFreePorts<T>(
  count: number,
  start: (ports: number[]) => Promise<T | "port-taken">,
): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const started = await start(await Promise.all(Array.from({ length: count }, findFreePort)));
    if (started !== "port-taken") return started;
  }
  throw new Error(`in ${ATTEMPTS_MAX} attempts every free port was taken before its use`);
}
