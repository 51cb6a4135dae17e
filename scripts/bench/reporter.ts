// A process beside the benchmark that counts, and tells when it is asked: the message loop of the
// benchmark itself then measures nothing but time. Used by bench-explorer.ts and bench-streams.ts.

import { join } from "node:path";

export type Reporter<Report> = AsyncDisposable & {
  /** What it has counted since it was asked last. */
  readonly ask: () => Promise<Report>;
};

/** Starts a file of this folder; it is ready when it has told its first report. */
export async function openReporter<Report>(
  file: string,
  args: readonly string[],
): Promise<Reporter<Report>> {
  let answer = Promise.withResolvers<Report>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, file), ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (report: Report) => answer.resolve(report),
  });
  await answer.promise;
  return {
    ask() {
      answer = Promise.withResolvers<Report>();
      child.send("report");
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
