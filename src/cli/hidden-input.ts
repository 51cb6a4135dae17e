// Input that nobody should see: asked for on a terminal, without echo, or the first line of a pipe.
// Used by passwd. Never shows what was typed, not even as stars.

import { readLines } from "./payload-source.ts";

const ENTER = /[\r\n\u0004]/; // Also the end of input, Ctrl-D.
const INTERRUPT = "\u0003";
/** Keyboards have one or the other. */
const BACKSPACE = /[\u0008\u007f]/;
/** Ctrl-U, which takes back the whole line. */
const WIPE = "\u0015";
const CARRIAGE_RETURN = 0x0d;

/** The first line of standard input, without its end; nothing when there is none. */
export async function readPipedLine(): Promise<Uint8Array> {
  const done = new AbortController();
  try {
    for await (const line of readLines(Bun.stdin.stream(), done.signal)) {
      return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
    }
    return new Uint8Array();
  } finally {
    done.abort(); // What comes behind the line is not waited for.
  }
}

/** What is typed at each question, until Enter; undefined when it is broken off by Ctrl-C. */
export async function askHidden(questions: readonly string[]): Promise<string[] | undefined> {
  const { stdin, stderr } = process; // Not stdout, which may go into a file.
  const answers: string[] = [];
  const typed = Promise.withResolvers<string[] | undefined>();
  const decoder = new TextDecoder();
  let line: string[] = [];

  function type(character: string): void {
    if (answers.length === questions.length) return;
    if (character === INTERRUPT) typed.resolve(undefined);
    else if (character === WIPE) line = [];
    else if (BACKSPACE.test(character)) line.pop();
    else if (!ENTER.test(character)) line.push(character);
    else {
      answers.push(line.join(""));
      line = [];
      stderr.write(`\n${questions[answers.length] ?? ""}`);
      if (answers.length === questions.length) typed.resolve(answers);
    }
  }
  // Several lines may come at once, from who types ahead.
  const onData = (bytes: Uint8Array) => {
    for (const character of decoder.decode(bytes, { stream: true })) type(character);
  };
  stdin.setRawMode(true);
  stdin.on("data", onData);
  stderr.write(questions[0] ?? "");
  try {
    return await typed.promise;
  } finally {
    stdin.off("data", onData);
    stdin.setRawMode(false);
    stdin.pause();
  }
}
