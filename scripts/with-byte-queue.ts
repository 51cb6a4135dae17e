// Puts src/lib/byte-queue.ts in the place of the package `bl` in the binary; why is written there.

import { join } from "node:path";

const SOURCE = join(import.meta.dir, "../src/lib/byte-queue.ts");
const BL = `
  const { ByteQueue } = require(${JSON.stringify(SOURCE)});
  module.exports = () => new ByteQueue();
`;

export const withByteQueue: Bun.BunPlugin = {
  name: "with-byte-queue",
  setup(build) {
    build.onResolve({ filter: /^bl$/ }, () => ({ path: "bl", namespace: "with-byte-queue" }));
    build.onLoad({ filter: /.*/, namespace: "with-byte-queue" }, () => ({
      loader: "js",
      contents: BL,
    }));
  },
};
