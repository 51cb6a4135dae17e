// Topic patterns: `devices/{id}/status`, `logs/{rest...}`, and MQTT's own `+` and `#`.
// Pure text work, no I/O. Rules: MQTT 5 section 4.7.

import { ViadutoError } from "../lib/errors.ts";

export type Params = Readonly<Record<string, string>>;

/** The parameter names of a pattern, taken from its text: `"a/{x}/{y...}"` gives `"x" | "y"`. */
export type ParamNames<P extends string> = P extends `${infer Level}/${infer Rest}`
  ? ParamOfLevel<Level> | ParamNames<Rest>
  : ParamOfLevel<P>;
type ParamOfLevel<L extends string> = L extends `{${infer Name}...}`
  ? Name
  : L extends `{${infer Name}}`
    ? Name
    : never;

/** `{ readonly [name]: string }` for each parameter of the pattern. */
export type ParamsOf<P extends string> = string extends P
  ? Params
  : { readonly [Name in ParamNames<P>]: string };

type Level =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one"; readonly param?: string }
  | { readonly kind: "rest"; readonly param?: string };

export type Pattern = {
  readonly text: string;
  /** The MQTT topic filter that covers exactly the pattern's topics. */
  readonly filter: string;
  readonly levels: readonly Level[];
  readonly hasParams: boolean;
};

/** Longest topic or filter in bytes: a UTF-8 string's length has two bytes (section 1.5.4). */
const TOPIC_BYTES_MAX = 65_535;
/** Most levels of a topic; what the embedded broker takes. */
export const TOPIC_LEVELS_MAX = 100;

const NO_PARAMS: Record<string, string> = Object.freeze(Object.create(null));
/** MQTT asks to leave them out (section 1.5.4), and some brokers hang up over them. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const PARAM = /^\{([A-Za-z_][A-Za-z0-9_]*)(\.\.\.)?\}$/;

/** Parses a pattern. Throws `pattern_invalid` with the reason. */
export function parsePattern(text: string): Pattern {
  return parse(text, /[+#{}]/);
}

/**
 * Parses a filter that somebody asks for topics with: a pattern, but that a level which merely has
 * braces in it is text. There are such topics. Throws `pattern_invalid` with the reason.
 */
export function parseFilter(text: string): Pattern {
  return parse(text, /[+#]/);
}

/** `mixed` is what a level with text must not have. */
function parse(text: string, mixed: RegExp): Pattern {
  const fail = (reason: string) => new ViadutoError("pattern_invalid", { pattern: text, reason });
  const problem = findStringProblem(text);
  if (problem) throw fail(problem);

  const parts = text.split("/");
  const levels = parts.map(parseLevel);
  const names = levels.flatMap((level) => ("param" in level ? [level.param] : []));
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated) throw fail(`{${repeated}} stands in it twice`);
  for (const [at, level] of levels.entries()) {
    if (level.kind === "rest" && at !== levels.length - 1) {
      throw fail(`${parts[at]} is only allowed at the end`); // [MQTT-4.7.1-1]
    }
    if (level.kind === "literal" && mixed.test(level.text)) {
      throw fail(`'${level.text}' mixes text with +, #, { or }`); // [MQTT-4.7.1-2]
    }
  }
  const filter = levels.map(toFilterLevel).join("/");
  return { text, levels, filter, hasParams: names.length > 0 };
}

/**
 * Reads the parameters of a topic that matches; undefined when it does not. `parts` are the topic's
 * levels, for who has them already.
 */
export function matchPattern(
  { levels, hasParams }: Pattern,
  topic: string,
  parts: readonly string[] = topic.split("/"),
): Params | undefined {
  // [MQTT-4.7.2-1] a wildcard at the start matches no topic that begins with $.
  if (topic.startsWith("$") && levels[0]?.kind !== "literal") return undefined;
  const params: Record<string, string> = hasParams ? Object.create(null) : NO_PARAMS;
  for (let at = 0; at < levels.length; at++) {
    const [level, part] = [levels[at], parts[at]];
    if (level?.kind === "rest") {
      // `a/#` matches `a` as well: its rest is empty (section 4.7.1.2).
      if (level.param) params[level.param] = parts.slice(at).join("/");
      return Object.freeze(params);
    }
    if (part === undefined) return undefined;
    if (level?.kind === "literal" && level.text !== part) return undefined;
    if (level?.kind === "one" && level.param) params[level.param] = part;
  }
  return parts.length === levels.length ? Object.freeze(params) : undefined;
}

/** The topic that a pattern gives with parameters. Throws `param_invalid`, `topic_invalid`. */
export function buildTopic(pattern: Pattern, params: Params): string {
  const topic = pattern.levels
    .map((level) => {
      if (level.kind === "literal") return level.text;
      if (!level.param) {
        const reason = "its pattern has a wildcard without a name";
        throw new ViadutoError("topic_invalid", { topic: pattern.text, reason });
      }
      const value = Object.hasOwn(params, level.param) ? params[level.param] : undefined;
      return checkParam(pattern, level, value);
    })
    .join("/");
  checkTopic(topic);
  return topic;
}

/** Throws `topic_invalid` unless a message may be published to this topic. */
export function checkTopic(topic: string): void {
  const problem = /[+#]/.test(topic) ? "it has a wildcard" : findStringProblem(topic);
  if (problem) throw new ViadutoError("topic_invalid", { topic, reason: problem });
}

function parseLevel(part: string): Level {
  if (part === "+") return { kind: "one" };
  if (part === "#") return { kind: "rest" };
  const [, param, dots] = PARAM.exec(part) ?? [];
  if (param) return { kind: dots ? "rest" : "one", param };
  return { kind: "literal", text: part };
}

function toFilterLevel(level: Level): string {
  if (level.kind === "literal") return level.text;
  return level.kind === "one" ? "+" : "#";
}

function checkParam(pattern: Pattern, level: Level, value: string | undefined): string {
  const reason = findParamProblem(level, value, level === pattern.levels[0]);
  if (value !== undefined && !reason) return value;
  const param = level.kind === "literal" ? "" : (level.param ?? "");
  const facts = { value: value ?? "", param, pattern: pattern.text, reason: reason ?? "" };
  throw new ViadutoError("param_invalid", facts);
}

function findParamProblem(
  level: Level,
  value: string | undefined,
  isFirst: boolean,
): string | undefined {
  if (!value) return "it is empty";
  const forbidden = level.kind === "one" ? /[/+#]/ : /[+#]/;
  if (forbidden.test(value) || CONTROL.test(value))
    return "it has a character that a topic cannot have";
  // [MQTT-4.7.2-1] such a topic would not match its own pattern.
  return isFirst && value.startsWith("$") ? "topics that begin with $ are the broker's" : undefined;
}

// What no topic, filter or pattern may be [MQTT-4.7.3-1] to [MQTT-4.7.3-3].
function findStringProblem(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text.includes("\0")) return "it has a NUL character";
  if (CONTROL.test(text)) return "it has a control character";
  if (!text.isWellFormed()) return "it is not valid Unicode";
  // Neither can be in what has fewer characters than there may be levels.
  if (text.length < TOPIC_LEVELS_MAX) return undefined;
  if (Buffer.byteLength(text) > TOPIC_BYTES_MAX) return `it is over ${TOPIC_BYTES_MAX} bytes`;
  if (text.split("/").length > TOPIC_LEVELS_MAX) return `it is over ${TOPIC_LEVELS_MAX} levels`;
  return undefined;
}
