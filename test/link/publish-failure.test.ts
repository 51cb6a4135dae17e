// What each reason code of the broker is over HTTP.

import { expect, test } from "bun:test";
import { toPublishFailure } from "../../src/link/publish-failure.ts";

test.each([
  [0x80, 502, "publish_failed"],
  [0x83, 502, "publish_failed"],
  [0x87, 403, "publish_refused"],
  [0x90, 400, "topic_refused"],
  [0x91, 503, "identifier_taken"],
  [0x92, 502, "publish_failed"],
  [0x95, 413, "publish_too_large"],
  [0x97, 429, "quota_exceeded"],
  [0x99, 400, "payload_refused"],
  [0xff, 502, "publish_failed"],
] as const)("0x%s is %d %s", (reasonCode, status, code) => {
  const error = toPublishFailure("a/b", reasonCode);
  expect([error.httpStatus, error.code, error.facts.reasonCode]).toEqual([
    status,
    code,
    reasonCode,
  ]);
  expect(error.message).toContain("'a/b'");
});
