import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type FrameSink, WebSocketStream } from "../../src/lib/web-socket-stream.ts";

function openStream(waitingBytes = () => 0, more: Partial<FrameSink> = {}) {
  const frames: string[] = [];
  let closeCount = 0;
  const sink: FrameSink = {
    send: (bytes) => void frames.push(bytes.toString()),
    close: () => {
      closeCount += 1;
    },
    waitingBytes,
    ...more,
  };
  const stream = new WebSocketStream(sink, "192.0.2.1");
  return { stream, frames, closeCount: () => closeCount };
}

test("frames that come in are read as one stream of bytes", async () => {
  const { stream } = openStream();
  for (const frame of ["a", "", "bc"]) stream.receive(Buffer.from(frame));
  stream.finish();
  expect(Buffer.concat(await stream.toArray()).toString()).toBe("abc");
});

test("each write leaves as a frame, and the end closes the socket", async () => {
  const { stream, frames, closeCount } = openStream();
  stream.write("one");
  stream.write(Buffer.from("two"));
  stream.end();
  await once(stream, "finish");
  expect(frames).toEqual(["one", "two"]);
  expect(closeCount()).toBeGreaterThan(0);
});

test("a write that is larger than a frame may be leaves in several", async () => {
  const { stream, frames } = openStream(undefined, { frameBytesMax: 3 });
  stream.write("one");
  stream.write("and two");
  stream.end();
  await once(stream, "finish");
  expect(frames).toEqual(["one", "and", " tw", "o"]);
});

describe("when the peer has closed", () => {
  test("what it had said before is still read, and then the stream is closed", async () => {
    const { stream } = openStream();
    stream.receive(Buffer.from("last words"));
    stream.finish();
    stream.finish();
    expect(Buffer.concat(await stream.toArray()).toString()).toBe("last words");
    expect(stream.destroyed).toBe(true);
  });

  test("a stream that has nothing more to read is closed at once", async () => {
    const { stream, closeCount } = openStream();
    stream.resume();
    stream.finish();
    await once(stream, "close");
    expect(closeCount()).toBe(1);
    stream.receive(Buffer.from("too late"));
  });
});

test("a write calls back when the peer has taken enough of what waits", async () => {
  let waiting = 2 << 20;
  const { stream } = openStream(() => waiting);
  let isTaken = false;
  const taken = Promise.withResolvers<void>();
  stream.write("x", () => {
    isTaken = true;
    taken.resolve();
  });
  await new Promise(setImmediate);
  expect(isTaken).toBe(false);
  waiting = 0;
  await taken.promise;
});

test("a stream that is destroyed waits for no peer", async () => {
  const { stream, closeCount } = openStream(() => 2 << 20);
  stream.write("x");
  stream.destroy();
  await once(stream, "close");
  expect(closeCount()).toBe(1);
});
