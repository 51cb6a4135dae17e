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
  expect(problem).toMatchObject({ status, code, type: `urn:viaduto:problem:${code}` });
  expect(problem.hint.length).toBeGreaterThan(0);
  return problem;
}
