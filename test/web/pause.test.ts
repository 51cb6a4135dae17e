// Pauses of what asks the bridge all day.

import { expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { pause } from "../../src/web/live/pause.ts";

test("a pause that is over leaves nothing at its signal", async () => {
  const { signal } = new AbortController();
  for (let turn = 0; turn < 20; turn += 1) await pause(0, signal);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a pause ends when its signal says so, and does not begin after it", async () => {
  const ended = new AbortController();
  const paused = pause(2 ** 30, ended.signal);
  expect(getEventListeners(ended.signal, "abort").length).toBe(1);
  ended.abort();
  await paused;
  await pause(2 ** 30, ended.signal);
  expect(getEventListeners(ended.signal, "abort")).toEqual([]);
});
