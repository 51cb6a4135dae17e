// The queue of one session, and the row it is kept in: numbers, packet identifiers, limits.

import { describe, expect, test } from "bun:test";
import { Publication } from "../../src/broker/publication.ts";
import {
  ENTRY_BYTES,
  type Entry,
  QueuedMessages,
  type QueueStore,
} from "../../src/broker/queued-messages.ts";
import { Sequence } from "../../src/broker/sequence.ts";
import { createRandom } from "../kit/random.ts";

const LIMITS = { queueMessagesMax: 100_000, queueBytesMax: 1 << 26, queueFull: "drop" } as const;
const IDENTIFIERS = 65_535;

function toEntry(payload = "", more: Partial<Entry> = {}): Entry {
  const fields = { topic: "a", payload: Buffer.from(payload), qos: 1, retain: false } as const;
  const publication = new Publication(fields);
  const rest = { qos: 1, retain: false, identifiers: undefined, group: undefined } as const;
  return { publication, ...rest, isReleased: false, ...more };
}

function openQueue(limits: Partial<typeof LIMITS> & object = {}) {
  const dropped = { count: 0 };
  const onDrop = () => {
    dropped.count += 1;
  };
  return {
    queue: new QueuedMessages("client", { limits: { ...LIMITS, ...limits }, onDrop }),
    dropped,
  };
}

/** A store that writes down what it is told. */
function createRecorder() {
  const told: string[] = [];
  const store: QueueStore = {
    putEntry: (number, { publication }) => void told.push(`put ${number} ${publication.payload}`),
    releaseEntry: (number) => void told.push(`release ${number}`),
    deleteEntry: (number) => void told.push(`delete ${number}`),
    putSent: (number) => void told.push(`sent ${number}`),
    whenStored: (done) => done(),
    isWaitedFor: true,
  };
  return { store, told };
}

describe("a sequence", () => {
  test.each([1, 2, 3, 4, 5])("holds what a Map would, whatever happens (seed %p)", (seed) => {
    const random = createRandom(seed);
    const sequence = new Sequence<string>();
    const expected = new Map<number, string>();
    let next = 1;
    for (let step = 0; step < 5_000; step++) {
      const action = random.below(100);
      if (action < 50) {
        expect(sequence.push(`${step}`)).toBe(next);
        expected.set(next++, `${step}`);
      } else if (action < 98) {
        const [first = 0] = expected.keys();
        // Mostly from the front, and sometimes what is not there.
        const number = first + (random.chance(0.7) ? 0 : random.below(40) - 5);
        expect(sequence.delete(number)).toBe(expected.get(number) as string);
        expected.delete(number);
      } else {
        next += random.below(50);
        sequence.skipTo(next);
      }
      expect([sequence.size, sequence.next]).toEqual([expected.size, next]);
      const [first = next] = expected.keys();
      expect(sequence.first).toBe(first);
    }
    expect([...sequence]).toEqual([...expected]);
    for (let number = 0; number < next + 2; number++) {
      expect(sequence.get(number)).toBe(expected.get(number) as string);
    }
  });

  test("may lose things while it is walked", () => {
    const sequence = new Sequence<number>();
    for (let at = 1; at <= 40; at++) sequence.push(at);
    for (const [number] of sequence) sequence.delete(number);
    expect([sequence.size, [...sequence]]).toEqual([0, []]);
    expect(sequence.push(7)).toBe(41);
  });
});

describe("packet identifiers", () => {
  test("are 1 to 65535, and come again after that [MQTT-2.2.1-3]", () => {
    const { queue } = openQueue();
    expect([1, 2, IDENTIFIERS].map((one) => queue.toIdentifier(one))).toEqual([1, 2, 65_535]);
    expect(queue.toIdentifier(IDENTIFIERS + 1)).toBe(1);
    expect(queue.toIdentifier(7 * IDENTIFIERS)).toBe(65_535);
  });

  test("are never in use for two messages at once [MQTT-2.2.1-4]", () => {
    const { queue } = openQueue();
    for (let number = 1; number <= IDENTIFIERS + 5; number++) queue.add(toEntry());
    expect(queue.isIdentifierFree(IDENTIFIERS)).toBe(true);
    expect(queue.isIdentifierFree(IDENTIFIERS + 1)).toBe(false);
    queue.remove(2); // Its successor would have the identifier of 2, but the first still stands.
    expect(queue.isIdentifierFree(IDENTIFIERS + 2)).toBe(false);
    queue.remove(1);
    expect([1, 2].map((more) => queue.isIdentifierFree(IDENTIFIERS + more))).toEqual([true, true]);
    expect(queue.isIdentifierFree(IDENTIFIERS + 3)).toBe(false);
  });

  test("are found again, over the end of their range, and only below what was sent", () => {
    const { queue } = openQueue();
    for (let number = 1; number <= IDENTIFIERS + 5; number++) queue.add(toEntry());
    for (let number = 1; number < IDENTIFIERS - 2; number++) queue.remove(number);
    const end = IDENTIFIERS + 3;
    expect(queue.find(65_533, end)).toBe(IDENTIFIERS - 2);
    expect(queue.find(65_535, end)).toBe(IDENTIFIERS);
    expect(queue.find(2, end)).toBe(IDENTIFIERS + 2);
    for (const identifier of [3, 4, 60_000, 65_532]) {
      expect(queue.find(identifier, end)).toBeUndefined();
    }
  });

  test("stand for nothing in an empty queue", () => {
    const { queue } = openQueue();
    queue.add(toEntry());
    queue.remove(1);
    for (const identifier of [1, 2, 65_535]) expect(queue.find(identifier, 2)).toBeUndefined();
  });
});

describe("the limits", () => {
  test("of messages holds, and what does not fit is told", () => {
    const { queue, dropped } = openQueue({ queueMessagesMax: 2 } as object);
    expect(["1", "2", "3"].map((one) => queue.add(toEntry(one)))).toEqual([true, true, false]);
    expect([queue.size, queue.isFull, dropped.count]).toEqual([2, true, 1]);
    queue.remove(1);
    expect([queue.isFull, queue.add(toEntry("4"))]).toEqual([false, true]);
  });

  test("of bytes holds, and an empty message takes of it too", () => {
    const { queue, dropped } = openQueue({ queueBytesMax: 2 * ENTRY_BYTES + 10 } as object);
    const added = ["12345", "123456", "12345", ""].map((one) => queue.add(toEntry(one)));
    expect(added).toEqual([true, false, true, false]);
    expect([queue.size, queue.bytes, dropped.count]).toEqual([2, 10, 2]);
    queue.remove(1);
    expect([queue.add(toEntry("123456")), queue.add(toEntry("12345"))]).toEqual([false, true]);
    queue.clear();
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
  });

  test("let one message through that is larger than all", () => {
    const { queue } = openQueue({ queueBytesMax: 3 } as object);
    expect([queue.add(toEntry("large")), queue.add(toEntry(""))]).toEqual([true, false]);
  });
});

describe("the store", () => {
  test("hears of what is there, and of every change, once each", () => {
    const { queue } = openQueue();
    const { store, told } = createRecorder();
    for (const payload of ["a", "b", "c"]) queue.add(toEntry(payload));
    queue.remove(2);
    queue.noteSent(1, toEntry("a"));
    expect(queue.isStored).toBe(false);
    queue.useStore(store);
    queue.useStore(createRecorder().store); // It has one.
    queue.add(toEntry("d"));
    for (let at = 0; at < 2; at++) {
      queue.release(1);
      queue.remove(3);
      queue.noteSent(3, toEntry("c"));
      queue.noteSent(1, toEntry("a"));
    }
    const expected = ["put 1 a", "put 3 c", "put 4 d", "release 1", "delete 3", "sent 4"];
    expect([queue.isStored, told]).toEqual([true, expected]);
  });

  test("gives all back: numbers, bytes, and where the sending was", () => {
    const { queue } = openQueue();
    const { store, told } = createRecorder();
    queue.restore(
      store,
      [
        [70_000, toEntry("ab")],
        [70_003, toEntry("c")],
      ],
      70_010,
    );
    expect([queue.size, queue.bytes, queue.first, queue.sentBefore]).toEqual([
      2, 3, 70_000, 70_010,
    ]);
    expect([...queue].map(([number]) => number)).toEqual([70_000, 70_003]);
    expect(queue.find(queue.toIdentifier(70_003), 70_010)).toBe(70_003);
    queue.add(toEntry("new"));
    expect(told).toEqual(["put 70010 new"]);
  });

  test("gives an empty queue back whose identifiers go on", () => {
    const { queue } = openQueue();
    queue.restore(createRecorder().store, [], 500);
    queue.add(toEntry());
    expect(queue.first).toBe(500);
  });
});

test("what another member may have is taken out, in order, and the rest stays", () => {
  const { queue } = openQueue();
  const group = { filter: "$share/g/a" };
  for (const payload of ["1", "2", "3", "4"]) {
    queue.add(toEntry(payload, Number(payload) % 2 ? { group } : {}));
  }
  const taken = queue.takeShared((entry, number) => entry.group === group && number > 1);
  expect(taken.map(({ publication }) => String(publication.payload))).toEqual(["3"]);
  expect([...queue].map(([number]) => number)).toEqual([1, 2, 4]);
});
