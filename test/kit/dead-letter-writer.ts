// A process that puts dead letters and says the id of each as soon as it is on disk:
// `bun dead-letter-writer.ts <folder> <letters> <payload bytes>…`. It goes on until it is killed.

import { makeLetter, openStore } from "./dead-letters.ts";

const [folder = "", letters = "1", ...sizes] = process.argv.slice(2);
const { store } = openStore({ folder });

for (const size of sizes.map(Number)) {
  const payload = Buffer.alloc(size, "x");
  const puts = Array.from({ length: Number(letters) }, () =>
    store.put(makeLetter({}, { payload })),
  );
  for (const put of puts) {
    await put.then(
      (id) => process.stdout.write(`put ${id}\n`),
      (error) => process.stdout.write(`failed ${error.code}: ${error.message}\n`),
    );
  }
}
process.stdout.write(`done ${store.size}\n`);
setInterval(() => {}, 1_000); // Until it is killed.
