import { expect, test } from "bun:test";
import { run, spawnProcess } from "./processes.ts";

const bun = (code: string) => [process.execPath, ["-e", code]] as const;

test("a program's exit code, both outputs and input are told apart", async () => {
  const code = `
    const input = await Bun.stdin.text();
    process.stdout.write("out " + input + process.env.KIT);
    process.stderr.write("err");
    process.exitCode = 3;
  `;
  const result = await run(...bun(code), { stdin: "in ", env: { KIT: "env" } });
  expect(result).toEqual({ exitCode: 3, stdout: "out in env", stderr: "err" });
});

test("an undefined variable is taken away from the program's environment", async () => {
  const { stdout } = await run(...bun("process.stdout.write(String(process.env.HOME))"), {
    env: { HOME: undefined },
  });
  expect(stdout).toBe("undefined");
});

test("a program that takes too long is ended, and its words are in the error", async () => {
  const code = "console.log(process.pid, 'busy'); setInterval(() => {}, 1000);";
  const error: Error = await run(...bun(code), { timeoutMs: 1_000 }).catch((error) => error);
  expect(error.message).toContain("did not end within 1000 ms");
  const pid = Number(/(\d+) busy/.exec(error.message)?.[1]);
  expect(() => process.kill(pid, 0)).toThrow();
});

test("a program that ignores SIGTERM is killed", async () => {
  const code = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000);";
  const child = spawnProcess(...bun(code), { stopTimeoutMs: 100 });
  await child.waitForLine(/up/);
  await child[Symbol.asyncDispose]();
  expect(await child.ended).toBe(128 + 9);
});

test("a line is found whether it came or will come, and `from` skips old ones", async () => {
  const code = "for await (const line of console) console.log('got ' + line);";
  await using child = spawnProcess(...bun(code));
  child.write("one\n");
  const match = await child.waitForLine(/got (\w+)/);
  expect(match[1]).toBe("one");
  expect(await child.waitForLine(/got one/)).toHaveLength(1);
  const from = child.lines.length;
  child.write("two\n");
  expect((await child.waitForLine(/got (\w+)/, { from }))[1]).toBe("two");
  child.endInput();
  expect(await child.ended).toBe(0);
});

test("waiting for a line ends when the program ends without it", async () => {
  await using child = spawnProcess(...bun("console.error('bye')"));
  await expect(child.waitForLine(/hello/)).rejects.toThrow(
    "it ended without /hello/. Its last lines:\nbye",
  );
  await child.ended;
});

test("waiting for a line ends when time is up", async () => {
  await using child = spawnProcess("cat");
  await expect(child.waitForLine(/hello/, { timeoutMs: 20 })).rejects.toThrow(
    "no line with /hello/ within 20 ms",
  );
  child.endInput();
  await child.ended;
});
