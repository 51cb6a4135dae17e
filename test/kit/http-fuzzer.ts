// Sends nonsense to the HTTP side over many connections at once, and looks at each answer.

import { connect } from "node:net";
import { createRequest, INJECTED_HEADER } from "./fuzz-requests.ts";
import { createRandom } from "./random.ts";
import { parseAnswer, type RawAnswer } from "./raw-request.ts";
import type { Route } from "./route-list.ts";

export type HttpFuzzOptions = {
  readonly port: number;
  /** The same seed sends the same requests; in which order they meet is the machine's affair. */
  readonly seed: number;
  readonly requests: number;
  readonly routes: readonly Route[];
};

export type HttpFuzzResult = {
  /** Status → how many answers; 0 is for no answer at all. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What must not be, each with the request that it was the answer to. */
  readonly offenders: readonly string[];
};

/** For the bridge that is talked to: only topics below `fuzz/` may be published to. */
export const FUZZ_TOKENS = `
token reader reader
read fuzz/#
token writer writer
read fuzz/#
publish fuzz/#
token admin admin
admin
token nothing nothing
`;

const LOOPS = 16;
/** For requests that wait for a body that never comes, and answers that never end. */
const LINGER_MS = 100;
const SHOWN_BYTES = 600;

export async function fuzzHttp(options: HttpFuzzOptions): Promise<HttpFuzzResult> {
  const [first, ...others] = options.routes;
  if (!first) throw new Error("there are no routes");
  const statuses = new Map<number, number>();
  const offenders: string[] = [];
  let left = options.requests;
  const runLoop = async (_: unknown, at: number) => {
    const random = createRandom(options.seed * LOOPS + at);
    while (left-- > 0) {
      const bytes = createRequest(random, [first, ...others]);
      const answer = await send(options.port, bytes);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const reason = findOffence(answer);
      const shown = JSON.stringify(bytes.toString("latin1", 0, SHOWN_BYTES));
      if (reason) offenders.push(`${reason}\n  to ${shown}`);
    }
  };
  await Promise.all(Array.from({ length: LOOPS }, runLoop));
  return { statuses, offenders };
}

function findOffence({ status, headers, body }: RawAnswer): string | undefined {
  if (status !== 0 && status < 100) return `an answer that is none: ${status}`;
  if (headers.has(INJECTED_HEADER)) return "a header of a stranger got into the answer";
  if (status >= 400 && isOurs(headers)) {
    const isBulk = body.startsWith("["); // Each message has its own result.
    const isProblem = headers.get("content-type") === "application/problem+json";
    if (!isProblem && !isBulk) return `${status}, no problem`;
    // To HEAD there is none, though the answer to the bytes behind it may follow.
    const [, code] = /"code":"(\w+)"/.exec(body) ?? [];
    if (body.startsWith("{") && code === undefined) return `${status} without a code`;
    if (code === "internal") return `${status} internal: ${body}`;
  }
  // Of HTTP that it does not speak Bun says so.
  if (isOurs(headers) || status < 500 || status === 505) return undefined;
  return `${status} by nobody: ${body.slice(0, SHOWN_BYTES)}`;
}

// Bun itself answers what is no HTTP, with 400 or 431 and without a body.
function isOurs(headers: Headers): boolean {
  return headers.has("x-request-id");
}

async function send(port: number, bytes: Buffer): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  const socket = connect(port, "127.0.0.1");
  const end = Promise.withResolvers<void>();
  const timer = setTimeout(end.resolve, LINGER_MS);
  socket.on("data", (chunk) => {
    chunks.push(Buffer.from(chunk));
    if (parseAnswer(Buffer.concat(chunks), false)) end.resolve();
  });
  socket.on("error", () => {}); // A reset is a fine answer to nonsense; "close" follows.
  socket.on("close", () => end.resolve());
  socket.write(bytes);
  await end.promise;
  clearTimeout(timer);
  socket.destroy();
  return (
    parseAnswer(Buffer.concat(chunks), true) ?? { status: 0, headers: new Headers(), body: "" }
  );
}
