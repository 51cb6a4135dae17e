// Where pub has its payloads from: the command line, a file, or standard input, whole or by line.

import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Flags } from "./flag-reading.ts";

export type Payloads = Iterable<Buffer> | AsyncIterable<Buffer>;

/** The flags of which exactly one must stand there. */
const PAYLOAD_FLAGS = ["message", "file", "stdin-file", "stdin-line", "null-message"] as const;
type PayloadFlag = (typeof PAYLOAD_FLAGS)[number];

/** A packet has 268,435,455 bytes at most (MQTT 5 section 1.5.5), topic and properties included. */
const PAYLOAD_BYTES_MAX = 268_000_000;
const NEWLINE = 0x0a;

/** The flag that says where payloads are. Throws `argument_missing`, `flags_conflict`. */
export function choosePayloadFlag(flags: Flags): PayloadFlag {
  const [flag, other] = PAYLOAD_FLAGS.filter((name) => flags.has(name));
  if (flag === undefined) {
    const example = `viaduto ${flags.command} -t devices/update -m hello`;
    throw new ViadutoError("argument_missing", {
      what: "the payload (-m, -f, -s, -l, -n)",
      example,
    });
  }
  if (other === undefined) return flag;
  const facts = { one: `--${flag}`, other: `--${other}`, command: flags.command };
  throw new ViadutoError("flags_conflict", facts);
}

/**
 * The payloads. A whole one is read before this resolves; lines are read as they are taken, until
 * the signal. Throws `file_unreadable` and `payload_too_large`.
 */
export async function openPayloads(
  flag: PayloadFlag,
  flags: Flags,
  signal: AbortSignal,
): Promise<Payloads> {
  switch (flag) {
    case "message":
      return [Buffer.from(flags.text("message") ?? "")];
    case "null-message":
      return [Buffer.alloc(0)];
    case "file":
      return [await readPayloadFile(flags.text("file") ?? "")];
    case "stdin-file":
      return [await readWhole(Bun.stdin.stream())];
    case "stdin-line":
      return readLines(Bun.stdin.stream(), signal);
    default:
      return flag satisfies never;
  }
}

async function readPayloadFile(file: string): Promise<Buffer> {
  try {
    checkSize(statSync(file).size);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof ViadutoError) throw cause;
    throw new ViadutoError("file_unreadable", { file, reason: toReason(cause) }, { cause });
  }
}

async function readWhole(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    checkSize(bytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lines without their newlines, empty ones too; the last may lack its newline. */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const reader = stream.getReader();
  // Who waits for a line that nobody types must not keep the process alive.
  signal.addEventListener("abort", () => void reader.cancel());
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    let start = 0;
    for (let end = value.indexOf(NEWLINE); end !== -1; end = value.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...begun, value.subarray(start, end)]);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start === value.length) continue;
    begun.push(value.subarray(start));
    begunBytes += value.length - start;
    checkSize(begunBytes);
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

function checkSize(bytes: number): void {
  if (bytes <= PAYLOAD_BYTES_MAX) return;
  throw new ViadutoError("payload_too_large", { bytes, bytesMax: PAYLOAD_BYTES_MAX });
}
