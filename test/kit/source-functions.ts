// Where the functions of a scanned source begin and end, for the rule about their size.

import { lineAt, type ScannedSource } from "./source-scanner.ts";

/** A function that has a body. */
export type ScannedFunction = {
  /** Counted from 1; the line where its parameters begin. */
  readonly line: number;
  readonly lineCount: number;
  /** The text of that line. */
  readonly head: string;
};

/** Opening bracket → its closing one, both as positions in the code. */
type Pairs = ReadonlyMap<number, number>;

/** What stands before parentheses that hold no parameters, though a block follows them. */
const CONTROL = /(?:^|[^.\w$])(if|for|await|while|switch|catch|with)\s*$/;
/** A brace after one of these begins an object type; after anything else, the body. */
const BEFORE_TYPE_LITERAL = /([:|&<,(?]|=>|\b(is|extends|keyof|readonly|asserts))\s*$/;

/** Every function, method, accessor and arrow function; nested ones stand for themselves too. */
export function findFunctions({ code, text }: ScannedSource): ScannedFunction[] {
  const pairs = pairBrackets(code);
  const lines = text.split("\n");
  const found: ScannedFunction[] = [];
  for (const [open, close] of pairs) {
    if (code[open] !== "(" || CONTROL.test(code.slice(0, open))) continue;
    const end = findBodyEnd(code, pairs, close + 1);
    if (end === undefined) continue;
    const line = lineAt(code, open);
    found.push({ line, lineCount: lineAt(code, end) - line + 1, head: lines[line - 1] ?? "" });
  }
  return found.sort((a, b) => a.line - b.line);
}

function pairBrackets(code: string): Pairs {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (const match of code.matchAll(/[()[\]{}]/g)) {
    if ("([{".includes(match[0])) open.push(match.index);
    else pairs.set(open.pop() ?? -1, match.index);
  }
  return pairs;
}

// What follows the parameters: a body, `=> body`, or `: type` and then one of both. Otherwise the
// parentheses were a call, a condition, or a function that is only declared.
function findBodyEnd(code: string, pairs: Pairs, after: number): number | undefined {
  const at = skipSpace(code, after);
  if (code[at] === ":") return findBodyEnd(code, pairs, skipType(code, pairs, at + 1));
  if (code[at] === "{") return pairs.get(at);
  if (!code.startsWith("=>", at)) return undefined;
  const start = skipSpace(code, at + 2);
  return code[start] === "{" ? pairs.get(start) : findExpressionEnd(code, pairs, start);
}

/** The position after a return type: of the body's brace, of `=>`, or of what is neither. */
function skipType(code: string, pairs: Pairs, start: number): number {
  let angles = 0;
  let at = start;
  while (at < code.length) {
    const here = code[at] ?? "";
    const before = code.slice(start - 1, at);
    if (code.startsWith("=>", at)) {
      // `(): () => void {` has one arrow inside its type: it comes after parentheses.
      const isInType = angles > 0 || (/\)\s*$/.test(before) && !/^=>\s*[{(]/.test(code.slice(at)));
      if (!isInType) return at;
      at += 2;
      continue;
    }
    if (here === "{" && !BEFORE_TYPE_LITERAL.test(before)) return at;
    if (here === "<") angles += 1;
    if (here === ">") angles -= 1;
    if (angles === 0 && ",;)]}=".includes(here)) return at;
    at = (pairs.get(at) ?? at) + 1;
  }
  return at;
}

function findExpressionEnd(code: string, pairs: Pairs, start: number): number {
  let at = start;
  while (at < code.length && !",;)]}".includes(code[at] ?? "")) at = (pairs.get(at) ?? at) + 1;
  return at - 1;
}

function skipSpace(code: string, at: number): number {
  return at + (/^\s*/.exec(code.slice(at))?.[0].length ?? 0);
}
