import { expect, test } from "bun:test";
import { Lanes } from "../../src/handlers/lanes.ts";
import { createRandom, createSeed } from "../kit/random.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Tasks that run until they are told to end. */
function createTasks() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    task: (name: string) => async () => {
      started.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
    },
    async end(name: string) {
      ends.get(name)?.();
      await nextTurn();
    },
  };
}

test("tasks of one key run one after the other, those of others beside them", async () => {
  const { started, task, end } = createTasks();
  const lanes = new Lanes(10);
  for (const name of ["a1", "a2", "b1", "a3"]) lanes.add(name.slice(0, 1), task(name));
  expect(started).toEqual(["a1", "b1"]);
  await end("a1");
  expect(started).toEqual(["a1", "b1", "a2"]);
  await end("a2");
  await end("b1");
  expect(started).toEqual(["a1", "b1", "a2", "a3"]);
  await end("a3");
  await lanes.idle();
});

test("no more tasks run at once than allowed", async () => {
  const { started, task, end } = createTasks();
  const lanes = new Lanes(2);
  for (const name of ["a", "b", "c", "d"]) lanes.add(name, task(name));
  expect(started).toEqual(["a", "b"]);
  await end("b");
  expect(started).toEqual(["a", "b", "c"]);
  await end("c");
  await end("a");
  expect(started).toEqual(["a", "b", "c", "d"]);
});

test("a key with many tasks does not hold up the others", async () => {
  const { started, task, end } = createTasks();
  const lanes = new Lanes(1);
  for (let at = 1; at <= 3; at++) lanes.add("busy", task(`busy ${at}`));
  lanes.add("rare", task("rare"));
  await end("busy 1");
  await end("rare");
  await end("busy 2");
  expect(started).toEqual(["busy 1", "rare", "busy 2", "busy 3"]);
});

test("`idle` waits for all tasks, those added later too, and every time anew", async () => {
  const { task, end } = createTasks();
  const lanes = new Lanes(1);
  await lanes.idle();
  for (let round = 1; round <= 2; round++) {
    lanes.add("a", task(`first ${round}`));
    let isIdle = false;
    const idle = lanes.idle().then(() => {
      isIdle = true;
    });
    lanes.add("b", task(`second ${round}`));
    await end(`first ${round}`);
    expect(isIdle).toBe(false);
    await end(`second ${round}`);
    await idle;
  }
});

test("the same key may be a name that every object has", async () => {
  const lanes = new Lanes(2);
  const done: string[] = [];
  for (const key of ["__proto__", "constructor", ""]) {
    lanes.add(key, async () => void done.push(key));
  }
  await lanes.idle();
  expect(done.sort()).toEqual(["", "__proto__", "constructor"]);
});

const seed = createSeed();

test(`thousands of random tasks keep order and limit, and all run (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const lanes = new Lanes(8);
  const order = new Map<string, number[]>();
  let [running, most, finished] = [0, 0, 0];
  for (let at = 0; at < 5_000; at++) {
    const key = `key ${random.below(20)}`;
    const turns = random.below(3);
    lanes.add(key, async () => {
      running += 1;
      most = Math.max(most, running);
      for (let left = turns; left > 0; left--) await Promise.resolve();
      order.set(key, [...(order.get(key) ?? []), at]);
      running -= 1;
      finished += 1;
    });
    if (at % 500 === 0) await nextTurn();
  }
  await lanes.idle();
  expect([finished, most]).toEqual([5_000, 8]);
  for (const ran of order.values()) expect(ran).toEqual(ran.toSorted((a, b) => a - b));
});
