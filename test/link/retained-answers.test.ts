// Whom a retained message is meant for, with time as an argument.

import { expect, test } from "bun:test";
import { NOBODY, RetainedAnswers } from "../../src/link/retained-answers.ts";

const SECOND = 1_000;

function expectAnswers(...rows: [filter: string, retainedSince: number, atMs: number][]) {
  const answers = new RetainedAnswers();
  for (const [filter, retainedSince, atMs] of rows) {
    answers.expect([filter], { retainedSince, isNewSubscription: false }, atMs);
  }
  return answers;
}

test("the answer to a SUBSCRIBE is for the generation it was made for, however late", () => {
  const answers = expectAnswers(["a/#", 3, 0]);
  expect(answers.find("a/b", 60 * SECOND).retainedSince).toBe(3);
});

test("of two SUBSCRIBEs within ten seconds the lower generation counts", () => {
  const answers = expectAnswers(["a/#", 0, 0], ["a/+", 1, 9 * SECOND]);
  expect(answers.find("a/b", 9.5 * SECOND).retainedSince).toBe(0);
});

test("as long as messages come the older SUBSCRIBE is not over", () => {
  const answers = expectAnswers(["a/#", 0, 0], ["a/+", 1, 9 * SECOND]);
  for (const second of [9, 18, 27]) {
    expect(answers.find(`a/${second}`, second * SECOND).retainedSince).toBe(0);
  }
});

test("a SUBSCRIBE brings each topic once: what comes again is of a later one", () => {
  const answers = expectAnswers(["a/#", 0, 0], ["a/+", 1, 0], ["a/b", 2, 0]);
  const since = (topic: string) => answers.find(topic, SECOND).retainedSince;
  expect([1, 2, 3, 4].map(() => since("a/b"))).toEqual([0, 1, 2, 2]);
  expect([1, 2, 3].map(() => since("a/c"))).toEqual([0, 1, 1]);
});

test("after ten silent seconds only the last SUBSCRIBE counts", () => {
  const answers = expectAnswers(["a/#", 0, 0], ["a/+", 1, SECOND]);
  expect(answers.find("a/b", 11 * SECOND).retainedSince).toBe(1);
});

test("a SUBSCRIBE for other filters has nothing to do with it", () => {
  const answers = expectAnswers(["a/#", 1, 0], ["b/#", 0, 0]);
  expect(answers.find("a/b", SECOND).retainedSince).toBe(1);
});

test("what was sent again for nobody reaches nobody", () => {
  expect(expectAnswers(["a", NOBODY, 0]).find("a", 0).retainedSince).toBe(NOBODY);
});

test("what no SUBSCRIBE explains is for all: the session had it from before", () => {
  const facts = { retainedSince: 0, isNewSubscription: true };
  expect(expectAnswers(["a", 4, 0]).find("b", 0)).toEqual(facts);
});

test("a subscription is new when one of those that may have brought the message is", () => {
  const answers = expectAnswers(["a", 0, 0]);
  answers.expect(["a"], { retainedSince: 1, isNewSubscription: true }, 0);
  expect(answers.find("a", 0)).toEqual({ retainedSince: 0, isNewSubscription: true });
});
