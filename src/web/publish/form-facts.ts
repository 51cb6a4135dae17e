// What every field of a form knows beside its own value: what is wrong where, and whether the
// reader has been there, so that nothing is red before anybody wrote.

import type { Issue } from "./schema-check.ts";
import { toIssueWords } from "./schema-words.ts";

export type FormFacts = {
  /** In which references of the schema lead somewhere. */
  readonly root: unknown;
  readonly issues: readonly Issue[];
  readonly visited: ReadonlySet<string> | "all";
  /** The reader has left this field. */
  readonly visit: (pointer: string) => void;
};

/** What is wrong with this field, when it is time to say so. */
export function findProblem({ issues, visited }: FormFacts, pointer: string): string | undefined {
  if (visited !== "all" && !visited.has(pointer)) return undefined;
  const issue = issues.find((one) => one.pointer === pointer);
  return issue && toIssueWords(issue);
}
