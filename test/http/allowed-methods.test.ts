// A method that a path does not have: 405 with those that it has, and 404 where there is no path.

import { expect, test } from "bun:test";
import { findMethods } from "../../src/http/allowed-methods.ts";
import { startBridge } from "../kit/bridge.ts";
import { expectProblem } from "../kit/problems.ts";

const ROUTES = [
  { method: "POST", path: "/publish" },
  { method: "GET", path: "/topics" },
  { method: "GET", path: "/topics/*" },
  { method: "PUT", path: "/topics/*" },
  { method: "DELETE", path: "/letters/:id" },
  { method: "GET", path: "/" },
];

test.each([
  ["/publish", ["POST"]],
  ["/publish/", ["POST"]],
  ["/publish/x", []],
  ["/topics", ["GET", "HEAD"]],
  ["/topics/a/b", ["GET", "HEAD", "PUT"]],
  ["/letters/7", ["DELETE"]],
  ["/letters/7/x", []],
  ["/letters", []],
  ["/", ["GET", "HEAD"]],
  ["/nix", []],
])("%s has %p", (path, methods) => {
  expect(findMethods(ROUTES, path)).toEqual(methods);
});

test.each([
  ["PUT", "/publish", "POST"],
  ["GET", "/publish/bulk", "POST"],
  ["DELETE", "/topics/a/b", "PUT, POST, GET, HEAD"],
  ["POST", "/topics", "GET, HEAD"],
  ["PATCH", "/dead-letters/1", "GET, HEAD, DELETE"],
  ["POST", "/", "GET, HEAD"],
])("%s %s is 405, and the answer says %s", async (method, path, allowed) => {
  await using bridge = await startBridge();
  const answer = await fetch(`${bridge.url}${path}`, { method });
  expect(answer.headers.get("Allow")?.split(", ").toSorted()).toEqual(
    allowed.split(", ").toSorted(),
  );
  const problem = await expectProblem(answer, 405, "method_not_allowed");
  expect(problem.detail).toStartWith(`${path} knows no ${method}, only `);
});
