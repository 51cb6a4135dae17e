// Mosquitto's ACL file: `user <name>`, `topic [read|write|readwrite|deny] <filter>`, and
// `pattern …` with %u and %c. Read by access; what the rules mean is in acl. Pure text work.

import { toReason, ViadutoError } from "../lib/errors.ts";
import { TOPIC_LEVELS_MAX } from "../topics/pattern.ts";
import { findTextLines, trimBlanks } from "./text-lines.ts";

const ACCESSES = ["read", "write", "readwrite", "deny"] as const;
export type AclRule = {
  readonly access: (typeof ACCESSES)[number];
  /** Of a `pattern`, with %u and %c in it. */
  readonly filter: string;
};

export type AclRules = {
  /** Those before the first `user`, for who logs in without a name. */
  readonly anonymous: readonly AclRule[];
  /** User name → the rules below all its `user` lines. */
  readonly users: ReadonlyMap<string, readonly AclRule[]>;
  /** For everybody, wherever they stand. */
  readonly patterns: readonly AclRule[];
};

const FILTER_BYTES_MAX = 65_535;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** [MQTT-4.7.1-1] # is the last level, [MQTT-4.7.1-2] + and # stand alone in theirs. */
const WRONG_WILDCARD = /[^/][+#]|#.|\+[^/]/s;

/** The rules, in the order of the file. It is only named in errors. Throws `acl_line_invalid`. */
export function parseAclFile(bytes: Uint8Array, file: string): AclRules {
  const fail = (line: number, reason: string) =>
    new ViadutoError("acl_line_invalid", { file, line, reason });
  const anonymous: AclRule[] = [];
  const users = new Map<string, AclRule[]>();
  const patterns: AclRule[] = [];
  let current = anonymous;
  for (const { number, text } of findTextLines(bytes, fail)) {
    const [keyword, rest] = splitWord(text);
    if (keyword === "user") {
      if (rest === "") throw fail(number, "'user' has no name");
      current = users.get(rest) ?? [];
      users.set(rest, current);
      continue;
    }
    if (keyword !== "topic" && keyword !== "pattern") {
      throw fail(number, `it begins with '${keyword}'`);
    }
    try {
      (keyword === "topic" ? current : patterns).push(parseRule(rest));
    } catch (error) {
      throw fail(number, toReason(error));
    }
  }
  return { anonymous, users, patterns };
}

// A single word is the filter, even `read`. Only behind an access may a filter have blanks.
function parseRule(text: string): AclRule {
  const [word, rest] = splitWord(text);
  if (rest === "") return { access: "readwrite", filter: checkFilter(word) };
  const access = ACCESSES.find((one) => one === word);
  if (!access) throw new Error(`'${word}' is none of ${ACCESSES.join(", ")}`);
  return { access, filter: checkFilter(rest) };
}

function checkFilter(filter: string): string {
  const problem = findFilterProblem(filter);
  if (problem) throw new Error(problem);
  return filter;
}

function findFilterProblem(filter: string): string | undefined {
  if (filter === "") return "it has no filter";
  if (CONTROL.test(filter)) return "its filter has a control character, such as a tab";
  if (WRONG_WILDCARD.test(filter)) return `'${filter}' has + or # where it may not be`;
  if (Buffer.byteLength(filter) > FILTER_BYTES_MAX) {
    return `its filter is over ${FILTER_BYTES_MAX} bytes`;
  }
  // No topic of the broker is deeper, and a search goes down level by level.
  if (filter.split("/").length > TOPIC_LEVELS_MAX) {
    return `its filter is over ${TOPIC_LEVELS_MAX} levels`;
  }
  return undefined;
}

/** The first word, and what stands behind the blanks after it. */
function splitWord(text: string): [word: string, rest: string] {
  const trimmed = trimBlanks(text);
  const at = trimmed.indexOf(" ");
  if (at === -1) return [trimmed, ""];
  return [trimmed.slice(0, at), trimBlanks(trimmed.slice(at))];
}
