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

/** The same with all that lies in it, for what has no fields for its parts. */
export function findProblemWithin(form: FormFacts, pointer: string): string | undefined {
  const { issues, visited } = form;
  if (visited !== "all" && !visited.has(pointer)) return undefined;
  const within = issues.find((one) => one.pointer.startsWith(`${pointer}/`));
  const path = within?.pointer.slice(pointer.length + 1).replaceAll("/", ".");
  return findProblem(form, pointer) ?? (within && `${path}: ${toIssueWords(within)}`);
}
