import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { joinWrites } from "../../src/lib/joined-writes.ts";

/** A stream that keeps what is written to it, and takes it when it is told to. */
class Sink extends Duplex {
  readonly chunks: string[] = [];
  #take: (() => void) | undefined;
  #isStuck = false;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk.toString());
    if (this.#isStuck) this.#take = done;
    else done();
  }

  stick(): void {
    this.#isStuck = true;
  }

  release(): void {
    this.#isStuck = false;
    this.#take?.();
  }
}

/** Both ends of a TCP connection; the server's writes are joined. */
async function connectPair() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const near = connect(address !== null && typeof address === "object" ? address.port : 0);
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  const closed = once(near, "close");
  const chunks: Buffer[] = [];
  near.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
  near.on("error", () => {}); // A reset; "close" follows.
  return { near, far, closed, received: () => Buffer.concat(chunks) };
}

const numbers = Array.from({ length: 2_000 }, (_, at) => `${at};`);

test("all writes of a turn are one write of the stream, in their order", async () => {
  const sink = new Sink();
  joinWrites(sink);
  for (const text of numbers) sink.write(text);
  expect(sink.chunks).toEqual([]);
  await nextTurn();
  expect(sink.chunks).toEqual([numbers.join("")]);
  sink.write("the next turn");
  await nextTurn();
  expect(sink.chunks).toEqual([numbers.join(""), "the next turn"]);
});

test("text, bytes, and pieces larger than any buffer are kept apart and whole", async () => {
  const sink = new Sink();
  joinWrites(sink);
  const large = "x".repeat(1_000_000);
  for (const piece of ["ü", Buffer.from("ß"), large, "", "😀", Uint8Array.of(65, 66), "end"]) {
    sink.write(piece);
  }
  await nextTurn();
  expect(sink.chunks).toEqual([`üß${large}😀ABend`]);
});

test("a buffer that the writer uses again has left as it was", async () => {
  const sink = new Sink();
  joinWrites(sink);
  const reused = Buffer.from("one");
  sink.write(reused);
  reused.write("two");
  sink.write(reused);
  await nextTurn();
  expect(sink.chunks).toEqual(["onetwo"]);
});

test("write answers true, and calls back, however full the stream is", async () => {
  const sink = new Sink();
  sink.stick();
  joinWrites(sink);
  for (let turn = 0; turn < 10; turn++) {
    const called = Promise.withResolvers<void>();
    expect(sink.write("x".repeat(100_000), () => called.resolve())).toBe(true);
    await called.promise;
  }
  const called = Promise.withResolvers<void>();
  sink.write("x", "utf8", () => called.resolve());
  await called.promise;
});

describe("over TCP", () => {
  test.each(["end", "destroy"] as const)("nothing is lost before %s", async (how) => {
    const { far, closed, received } = await connectPair();
    joinWrites(far);
    for (const text of numbers) far.write(text);
    far[how]();
    await closed;
    expect(received().toString()).toBe(numbers.join(""));
  });

  test("megabytes over many turns arrive in order", async () => {
    const { far, near, closed, received } = await connectPair();
    joinWrites(far);
    const chunks = Array.from({ length: 200 }, (_, at) => Buffer.alloc(50_000, `${at},`));
    for (const [turn, chunk] of chunks.entries()) {
      for (let at = 0; at < chunk.length; at += 7_000) far.write(chunk.subarray(at, at + 7_000));
      if (turn % 3 === 0) await nextTurn();
    }
    far.end();
    await closed;
    expect(Buffer.concat(chunks).equals(received())).toBe(true);
    near.destroy();
  });

  test("what is written after the end or the close costs nothing", async () => {
    const { far, near, closed } = await connectPair();
    const errors: unknown[] = [];
    far.on("error", (error) => errors.push(error));
    const writes = joinWrites(far);
    near.destroy();
    await Promise.all([closed, once(far, "close")]);
    far.write("to nobody");
    await nextTurn();
    await writes.drained(0);
    expect(far.destroyed).toBe(true);
  });
});

test("an error destroys at once: what waited is not written", async () => {
  const sink = new Sink();
  joinWrites(sink);
  sink.write("too late");
  const closed = once(sink, "close").catch(() => {});
  sink.destroy(new Error("slow reader"));
  await closed;
  await nextTurn();
  expect(sink.chunks).toEqual([]);
});

describe("when the peer does not read", () => {
  test("waiting bytes are counted, and it is told once when they are too many", async () => {
    const sink = new Sink();
    sink.stick();
    let overflows = 0;
    const onOverflow = () => {
      overflows += 1;
    };
    const writes = joinWrites(sink, { waitingBytesMax: 1_000, onOverflow });
    sink.write("x".repeat(400));
    expect(writes.waitingBytes()).toBe(400);
    await nextTurn();
    expect(writes.waitingBytes()).toBe(400);
    sink.write("x".repeat(600));
    await nextTurn();
    expect([writes.waitingBytes(), overflows]).toEqual([1_000, 0]);
    for (let turn = 0; turn < 3; turn++) {
      sink.write("x");
      await nextTurn();
    }
    expect([writes.waitingBytes(), overflows]).toEqual([1_003, 1]);
  });

  test("`drained` waits until it has read enough", async () => {
    const sink = new Sink();
    sink.stick();
    const writes = joinWrites(sink);
    await writes.drained(0); // Nothing was written.
    sink.write("x".repeat(100_000));
    let isDrained = false;
    const drained = writes.drained(50_000).then(() => {
      isDrained = true;
    });
    await nextTurn();
    await nextTurn();
    expect(isDrained).toBe(false);
    sink.release();
    await drained;
    expect(writes.waitingBytes()).toBe(0);
  });

  test("`drained` ends when the stream does, and leaves no listeners", async () => {
    const sink = new Sink();
    sink.stick();
    const writes = joinWrites(sink);
    sink.write("x".repeat(100_000));
    const before = sink.listenerCount("close");
    const drained = writes.drained(0);
    await nextTurn();
    await nextTurn();
    sink.destroy();
    await drained;
    expect([sink.listenerCount("close"), sink.listenerCount("drain")]).toEqual([before, 0]);
  });
});

test("a sink takes the place of the stream's own write", async () => {
  const sink = new Sink();
  const taken: string[] = [];
  joinWrites(sink, { sink: (bytes) => taken.push(bytes.toString()) });
  sink.write("a");
  sink.write("b");
  await nextTurn();
  expect([taken, sink.chunks]).toEqual([["ab"], []]);
});
