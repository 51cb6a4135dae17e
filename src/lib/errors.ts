// An error of the catalogue, with the facts of its case. Anyone may throw one; only the edges
// (http/problem, cli, link) translate it.

import { ERRORS } from "./error-catalogue.ts";
import type { ErrorKind } from "./error-kind.ts";

export type ErrorCode = keyof typeof ERRORS;
export type Facts = Readonly<Record<string, string | number>>;

/** An error with a code of the catalogue, the facts of this case, and its cause if there is one. */
export class ViadutoError extends Error {
  readonly code: ErrorCode;
  readonly facts: Facts;
  /** What to do now, in one sentence. */
  readonly hint: string;

  constructor(code: ErrorCode, facts: Facts = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].message, facts), options);
    this.name = "ViadutoError";
    this.code = code;
    this.facts = facts;
    this.hint = fill(ERRORS[code].hint, facts);
  }

  /** HTTP status for this error; 500 when the catalogue names none. */
  get httpStatus(): number {
    const kind: ErrorKind = ERRORS[this.code];
    return kind.httpStatus ?? 500;
  }

  /** The same under the name by which Elysia looks for it, in somebody's own app. */
  get status(): number {
    return this.httpStatus;
  }

  /** Process exit code for this error. */
  get exitCode(): number {
    const kind: ErrorKind = ERRORS[this.code];
    return kind.exitCode ?? 1;
  }
}

/** Whatever was thrown, as a ViadutoError; what is not one becomes `internal` with its cause. */
export function toViadutoError(thrown: unknown): ViadutoError {
  if (thrown instanceof ViadutoError) return thrown;
  return new ViadutoError("internal", { reason: toReason(thrown) }, { cause: thrown });
}

/** The words of whatever was thrown, on one line. Never throws itself. */
export function toReason(thrown: unknown): string {
  try {
    const words = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
    return words.replaceAll(/\s+/g, " ").trim();
  } catch {
    return "something that has no words"; // An object without a prototype, or a getter that throws.
  }
}

function fill(text: string, facts: Facts): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

/** A line of several sentences: each ends with a mark, and those after the first have a capital. */
export function joinSentences(first: string, ...others: readonly string[]): string {
  const end = (text: string) => (/[.?!…]$/.test(text) ? text : `${text}.`);
  const begin = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  return [first, ...others.map(begin)].map(end).join(" ").replace(/\.$/, "");
}
