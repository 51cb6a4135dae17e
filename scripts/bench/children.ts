// Every process that the benchmark starts, so that each is ended by its own pid, also when the
// benchmark itself is told to stop in the middle.

export type Child = AsyncDisposable & {
  readonly name: string;
  readonly pid: number;
  readonly hasEnded: () => boolean;
  /** Resolves when it has ended. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** What it printed, once it has ended. Throws unless it ends well, and in time. */
  output(timeoutMs: number): Promise<string>;
  /** What it said on its error output so far. */
  complaints(): string;
};

export type Children = AsyncDisposable & {
  /**
   * Starts a program in the benchmark's directory, with an almost empty environment: settings of
   * whoever runs the benchmark change nothing. Its output is piped, or goes to the file.
   */
  start(name: string, command: readonly string[], outputFile?: string): Child;
};

const STOP_TIMEOUT_MS = 3_000;

/** Disposing ends all that still run, and lets no more start. */
export function openChildren(directory: string): Children {
  const running = new Set<Child>();
  let isClosed = false;
  return {
    start(name, command, outputFile) {
      if (isClosed) throw new Error("the benchmark was told to stop");
      const { PATH, TMPDIR } = process.env;
      const started = Bun.spawn([...command], {
        cwd: directory,
        env: { PATH, TMPDIR, HOME: directory },
        stdin: "ignore",
        stdout: outputFile === undefined ? "pipe" : Bun.file(outputFile),
        stderr: "pipe",
      });
      const child = toChild(name, started);
      running.add(child);
      void started.exited.then(() => running.delete(child));
      return child;
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all([...running].map((child) => child[Symbol.asyncDispose]()));
    },
  };
}

function toChild(name: string, started: Bun.Subprocess): Child {
  const printed = readText(started.stdout);
  const complained = readText(started.stderr);
  const hasEnded = () => started.exitCode !== null || started.signalCode !== null;
  return {
    name,
    pid: started.pid,
    hasEnded,
    async kill(signal) {
      started.kill(signal);
      await started.exited;
    },
    complaints: () => complained.text,
    async output(timeoutMs) {
      const timer = setTimeout(() => started.kill("SIGKILL"), timeoutMs);
      const exitCode = await started.exited;
      clearTimeout(timer);
      await Promise.all([printed.done, complained.done]);
      if (exitCode === 0) return printed.text;
      throw new Error(`${name} ended with ${exitCode}: ${complained.text.trim()}`);
    },
    async [Symbol.asyncDispose]() {
      if (hasEnded()) return;
      started.kill("SIGTERM");
      const timer = setTimeout(() => started.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await started.exited;
      clearTimeout(timer);
    },
  };
}

type Reading = { text: string; done: Promise<void> };

function readText(stream: Bun.Subprocess["stdout"]): Reading {
  const reading: Reading = { text: "", done: Promise.resolve() };
  if (!(stream instanceof ReadableStream)) return reading;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) reading.text += decoder.decode(bytes, { stream: true });
  };
  reading.done = read();
  return reading;
}
