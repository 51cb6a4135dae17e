// JSON as it was written: names in their order and as often as they stand there, and numbers by
// their digits, which JavaScript's own would round. Used by the views and the chart. Pure.

export type JsonNode =
  | { readonly kind: "object" | "array"; readonly members: readonly JsonMember[] }
  | { readonly kind: "string"; readonly value: string }
  /** By its digits, or true, false, null. */
  | { readonly kind: "number" | "word"; readonly source: string };
/** The name of an array's member is its place. */
export type JsonMember = { readonly name: string; readonly node: JsonNode };

/** More than this is read as text. */
const CHARACTERS_MAX = 4_000_000;
const DEPTH_MAX = 200;
const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/gs;

type Open = { readonly isObject: boolean; readonly members: JsonMember[]; name?: string };

/** The tree of this text; undefined when it is no JSON, or too much of it. */
export function readJson(text: string): JsonNode | undefined {
  if (text.length > CHARACTERS_MAX || !isJson(text)) return undefined;
  const open: Open[] = [];
  let root: JsonNode | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    const top = open.at(-1);
    if (token === "," || token === ":") continue;
    if (token === "}" || token === "]") {
      open.pop();
    } else if (top?.isObject && top.name === undefined) {
      top.name = JSON.parse(token);
    } else {
      const members: JsonMember[] = [];
      const node = toNode(token, members);
      if (top) addMember(top, node);
      root ??= node;
      if (token === "{" || token === "[") open.push({ isObject: token === "{", members });
      if (open.length > DEPTH_MAX) return undefined;
    }
  }
  return root;
}

/** The member that an address of RFC 6901 names, as "/rooms/0/celsius". */
export function findMember(root: JsonNode, pointer: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    node = node && "members" in node ? lastOf(node.members, name) : undefined;
  }
  return node;
}

export function addToPointer(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** One member a line, as people compare it. */
export function toJsonLines(node: JsonNode, before = "", indent = ""): string[] {
  if (!("members" in node)) return [`${indent}${before}${toSource(node)}`];
  const [first, last] = node.kind === "object" ? ["{", "}"] : ["[", "]"];
  if (node.members.length === 0) return [`${indent}${before}${first}${last}`];
  const lines = node.members.flatMap((member) => {
    const name = node.kind === "object" ? `${JSON.stringify(member.name)}: ` : "";
    return toJsonLines(member.node, name, `${indent}  `);
  });
  return [`${indent}${before}${first}`, ...lines, `${indent}${last}`];
}

export function toSource(node: Exclude<JsonNode, { members: unknown }>): string {
  return node.kind === "string" ? JSON.stringify(node.value) : node.source;
}

// What stands twice has its last value, as for JSON.parse.
function lastOf(members: readonly JsonMember[], name: string): JsonNode | undefined {
  return members.findLast((member) => member.name === name)?.node;
}

function addMember(top: Open, node: JsonNode): void {
  top.members.push({ name: top.name ?? String(top.members.length), node });
  delete top.name;
}

function toNode(token: string, members: JsonMember[]): JsonNode {
  if (token === "{") return { kind: "object", members };
  if (token === "[") return { kind: "array", members };
  if (token.startsWith('"')) return { kind: "string", value: JSON.parse(token) };
  return { kind: /^[-\d]/.test(token) ? "number" : "word", source: token };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // It is some other text.
  }
}
