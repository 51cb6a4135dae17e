// Reads TypeScript as far as the house style needs it: what is code, what is text or comment, what
// is imported. Not a parser, and not for JSX text; it relies on source that Biome has formatted.

/** A file's text twice more, each of the same length and lines, so that positions stay valid. */
export type ScannedSource = {
  readonly text: string;
  /** Comments are blank. */
  readonly uncommented: string;
  /** Comments and the insides of strings, templates and regular expressions are blank. */
  readonly code: string;
};

export type ScannedImport = { readonly line: number; readonly from: string };

const TOKENS = {
  comment: /\/\/[^\n]*|\/\*.*?\*\//,
  string: /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/,
  word: /[\w$]+/,
  space: /\s+/,
  mark: /./,
};
const TOKEN_SOURCES = Object.entries(TOKENS).map(([kind, { source }]) => `(?<${kind}>${source})`);
const TOKEN = new RegExp(TOKEN_SOURCES.join("|"), "sy");
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/[\\\n])+\/\w*/y;
/** From ` or } to the next ${ or the closing `. */
const TEMPLATE_PART = /[`}](?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{)?/sy;
type Kind = keyof typeof TOKENS | "template" | "regex";
type Token = { readonly kind: Kind; readonly text: string };

/**
 * After these, a slash begins a regular expression; after a value it divides, and after `<` it
 * closes an element.
 */
const BEFORE_REGEX = /^([([{,;:=!?&|+\-*%>~^]|return|typeof|case|in|of|do|else|void|throw|)$/;

export function scanSource(text: string): ScannedSource {
  let uncommented = "";
  let code = "";
  for (const token of tokenise(text)) {
    const isComment = token.kind === "comment";
    uncommented += isComment ? toBlank(token.text) : token.text;
    code += isComment ? toBlank(token.text) : blankInside(token);
  }
  return { text, uncommented, code };
}

/** Static and dynamic imports, re-exports and requires, types included. */
export function findImports({ code, text }: ScannedSource): ScannedImport[] {
  const found: ScannedImport[] = [];
  const matches = code.matchAll(
    /(?<!\.)\b(?:(?:from|import)\s*|(?:import|require)\s*\(\s*)(["'`])/g,
  );
  for (const match of matches) {
    const start = match.index + match[0].length;
    const from = text.slice(start, text.indexOf(match[1] ?? "", start));
    found.push({ line: lineAt(code, start), from });
  }
  return found;
}

/** The line of a position, counted from 1. */
export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function* tokenise(text: string): Generator<Token> {
  // For each template that is open: how many braces are open in its ${…}. The innermost is last.
  const templates: number[] = [];
  let previous = "";
  let at = 0;
  while (at < text.length) {
    const token = readToken(text, at, { previous, endsExpression: templates.at(-1) === 0 });
    yield token;
    at += token.text.length;
    if (token.kind === "template") {
      if (token.text.startsWith("}")) templates.pop();
      if (token.text.endsWith("${")) templates.push(0);
    }
    const depth = templates.at(-1);
    if (depth !== undefined && token.kind === "mark") {
      if (token.text === "{") templates[templates.length - 1] = depth + 1;
      if (token.text === "}") templates[templates.length - 1] = depth - 1;
    }
    if (token.kind === "space" || token.kind === "comment") continue;
    const isPlain = token.kind === "word" || token.kind === "mark";
    previous = isPlain ? token.text : token.text.endsWith("${") ? "{" : "value";
  }
}

function readToken(
  text: string,
  at: number,
  where: { readonly previous: string; readonly endsExpression: boolean },
): Token {
  const read = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const here = text[at];
  if (here === "`" || (here === "}" && where.endsExpression)) {
    return { kind: "template", text: read(TEMPLATE_PART)?.[0] ?? here };
  }
  const regex = here === "/" && BEFORE_REGEX.test(where.previous) ? read(REGEX) : null;
  if (regex) return { kind: "regex", text: regex[0] };
  const match = read(TOKEN);
  const [kind, found] = Object.entries(match?.groups ?? {}).find(([, part]) => part) ?? [];
  return { kind: (kind ?? "mark") as Kind, text: found ?? here ?? "" };
}

function blankInside({ kind, text }: Token): string {
  if (kind !== "string" && kind !== "regex" && kind !== "template") return text;
  const tailLength = text.endsWith("${") ? 2 : 1;
  if (text.length <= tailLength) return text;
  return text.slice(0, 1) + toBlank(text.slice(1, -tailLength)) + text.slice(-tailLength);
}

function toBlank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}
