// A free port, for programs that cannot choose one themselves. Used by the bench and the tests.

import { createServer } from "node:net";

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
