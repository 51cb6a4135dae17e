// What every error answer over HTTP must be.

import { expect } from "bun:test";

export type Problem = { code: string; detail: string; hint: string; status: number; path?: string };

/** Expects application/problem+json with this status and code; gives the problem. */
export async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<Problem> {
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = (await response.json()) as Problem;
  expect(problem).toMatchObject({ status, type: `urn:viaduto:problem:${code}` });
  const isForEmqxScripts = response.url.includes("/api/v5/"); // They read EMQX's own codes.
  if (isForEmqxScripts) expect(problem.code).toMatch(/^[A-Z_]+$/);
  else expect(problem.code).toBe(code);
  expect(problem.hint.length).toBeGreaterThan(0);
  return problem;
}
