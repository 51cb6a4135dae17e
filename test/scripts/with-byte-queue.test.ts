import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withByteQueue } from "../../scripts/with-byte-queue.ts";
import { run } from "../kit/processes.ts";

const ROOT = join(import.meta.dir, "../..");
const PROGRAM = `
  import { generate, parser } from "mqtt-packet";
  const packet = { cmd: "publish", topic: "a", payload: "x".repeat(1000), qos: 0 };
  const bytes = generate(packet);
  const reader = parser();
  reader.on("packet", ({ topic, payload }) => console.log(topic, payload.length));
  for (const byte of bytes) reader.parse(Buffer.from([byte]));
  reader.parse(Buffer.concat([bytes, bytes, bytes.subarray(0, 10)]));
  reader.parse(bytes.subarray(10));
`;

test("a bundle's parser works on the byte queue", async () => {
  // In the repository, so that the program finds mqtt-packet.
  const folder = await mkdtemp(join(ROOT, "dist-"));
  try {
    await writeFile(join(folder, "program.ts"), PROGRAM);
    const { outputs } = await Bun.build({
      entrypoints: [join(folder, "program.ts")],
      outdir: folder,
      target: "bun",
      plugins: [withByteQueue],
    });
    const [output] = outputs;
    expect(await output?.text()).toContain("class ByteQueue");
    const result = await run(process.execPath, [output?.path ?? ""]);
    expect(result).toEqual({ exitCode: 0, stdout: "a 1000\n".repeat(4), stderr: "" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
