// What a request says in Prefer.

import { expect, test } from "bun:test";
import { readPreferences } from "../../src/http/preferences.ts";

const read = (prefer: string) => {
  return readPreferences(new Request("http://localhost/", { headers: { Prefer: prefer } }));
};

test.each([
  ["", false, undefined],
  ["wait=5", false, 5_000],
  ['respond-async, wait="10"', true, 10_000],
  ["Wait = 2; x=1, RESPOND-ASYNC", true, 2_000],
  ["wait=0", false, undefined],
  ["wait=soon", false, undefined],
  ["wait=9999999999", false, undefined],
  ["nowait=5, respond-async-not", false, undefined],
])("'%s' is async: %p, wait: %p", (prefer, isAsync, waitMs) => {
  expect(read(prefer)).toEqual({ isAsync, waitMs });
});
