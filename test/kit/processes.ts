// Other programs, run for a test: to their end (`run`), or kept beside it (`spawnProcess`).
// Waiting is for lines and exits, with a deadline; a program is only ever ended by its own pid.

import { before, createChanges, WAIT_TIMEOUT_MS } from "./waiting.ts";

const STOP_TIMEOUT_MS = 3_000;

export type ProcessOptions = {
  readonly cwd?: string;
  /** Added to this process' environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Given to the program, which then sees the end of its input. */
  readonly stdin?: string | Uint8Array;
  /** How long it may take to stop after SIGTERM before it is killed; 3 s when absent. */
  readonly stopTimeoutMs?: number;
};

export type RunResult = {
  /** 128 + n when signal n ended it, as a shell says it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program to its end. Throws, with what it said, when it takes longer than `timeoutMs`. */
export async function run(
  command: string,
  args: readonly string[] = [],
  options: ProcessOptions & { readonly timeoutMs?: number } = {},
): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? WAIT_TIMEOUT_MS;
  await using child = spawnProcess(command, args, { stdin: "", ...options });
  const exitCode = await before(timeoutMs, child.ended, () =>
    toFailure(`${command} ${args.join(" ")} did not end within ${timeoutMs} ms`, child.lines),
  );
  return { exitCode, stdout: child.stdout(), stderr: child.stderr() };
}

export type RunningProcess = AsyncDisposable & {
  readonly pid: number;
  /** Every whole line so far, of both outputs, in the order of their arrival. */
  readonly lines: readonly string[];
  stdout(): string;
  stderr(): string;
  /** The exit code, once it has ended and all its output is read. */
  readonly ended: Promise<number>;
  /**
   * The first line that matches, seen already or yet to come. `from` skips that many lines: pass
   * `lines.length` of a moment ago. Throws when the program ends or time is up without one.
   */
  waitForLine(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray>;
  write(text: string | Uint8Array): void;
  endInput(): void;
  /** Sends the signal; resolves when it has ended, but at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
};

export type WaitOptions = { readonly timeoutMs?: number; readonly from?: number };

/** Starts a program that runs beside the test; `await using` stops it. */
export function spawnProcess(
  command: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): RunningProcess {
  const child = Bun.spawn([command, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = createLineLog();
  const stdout = output.read(child.stdout);
  const stderr = output.read(child.stderr);
  const ended = Promise.all([child.exited, stdout.done, stderr.done]).then(([code]) => {
    output.end();
    return code;
  });
  const handle: RunningProcess = {
    pid: child.pid,
    lines: output.lines,
    stdout: stdout.text,
    stderr: stderr.text,
    ended,
    waitForLine: output.waitForLine,
    write: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    async kill(signal = "SIGTERM") {
      child.kill(signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await ended;
    },
    [Symbol.asyncDispose]: () => stop(child, ended, options.stopTimeoutMs ?? STOP_TIMEOUT_MS),
  };
  if (options.stdin === undefined) return handle;
  handle.write(options.stdin);
  handle.endInput();
  return handle;
}

async function stop(
  child: Bun.Subprocess,
  ended: Promise<number>,
  timeoutMs: number,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  await ended;
  clearTimeout(timer);
}

type LineLog = {
  readonly lines: readonly string[];
  read(stream: ReadableStream<Uint8Array>): { text(): string; done: Promise<void> };
  waitForLine(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray>;
  end(): void;
};

function createLineLog(): LineLog {
  const lines: string[] = [];
  const changes = createChanges();
  const state = { ended: false };

  async function readLines(stream: ReadableStream<Uint8Array>, onText: (text: string) => void) {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      onText(text);
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      changes.announce();
    }
    if (rest) lines.push(rest);
    changes.announce();
  }
  return {
    lines,
    read(stream) {
      let all = "";
      const done = readLines(stream, (text) => {
        all += text;
      });
      return { text: () => all, done };
    },
    end() {
      state.ended = true;
      changes.announce();
    },
    waitForLine(pattern, { timeoutMs = WAIT_TIMEOUT_MS, from = 0 } = {}) {
      const look = () => {
        for (const line of lines.slice(from)) {
          const match = new RegExp(pattern).exec(line);
          if (match) return match;
        }
        if (state.ended) throw toFailure(`it ended without ${pattern}`, lines);
        return undefined;
      };
      const toError = () => toFailure(`no line with ${pattern} within ${timeoutMs} ms`, lines);
      return changes.wait(look, timeoutMs, toError);
    },
  };
}

function toFailure(what: string, lines: readonly string[]): Error {
  return new Error(`${what}. Its last lines:\n${lines.slice(-30).join("\n")}`);
}
