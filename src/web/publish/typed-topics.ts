// The topics that the handlers declare, as the AsyncAPI document of the bridge tells them: which
// topics a pattern covers, and what may be published there. Pure.

import { isSchema, type JsonSchema, toShape } from "./schema-shape.ts";

/** GET /asyncapi.json, as far as it is needed here. */
export type AsyncApiJson = {
  readonly channels: Readonly<Record<string, ChannelJson>>;
  readonly operations: Readonly<Record<string, OperationJson>>;
  readonly components: { readonly messages: Readonly<Record<string, MessageOfChannelJson>> };
};
type Reference = { readonly $ref: string };
type ChannelJson = {
  readonly address: string | null;
  /** The pattern, without the origin that the bridge adds by itself. */
  readonly title?: string;
  readonly messages: Readonly<Record<string, unknown>>;
};
type OperationJson = {
  readonly action: string;
  readonly channel: Reference;
  readonly reply?: unknown;
};
type MessageOfChannelJson = { readonly contentType?: string; readonly payload?: unknown };

export type TopicLevel =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string; readonly isRest: boolean };

export type TypedTopic = {
  /** With a name for each parameter: `lamps/{id}/set`, `logs/{rest...}`. */
  readonly pattern: string;
  readonly levels: readonly TopicLevel[];
  readonly content: "json" | "text" | "bytes";
  readonly schema: JsonSchema;
  /** In which the schema's references lead somewhere. */
  readonly root: unknown;
  /** A form can show it: it is more than any JSON. */
  readonly hasForm: boolean;
  /** A handler replies to who asks there. */
  readonly isAnswered: boolean;
};

export type Parameters = Readonly<Record<string, string>>;

export function readTypedTopics(document: AsyncApiJson): readonly TypedTopic[] {
  const answered = Object.values(document.operations)
    .filter(({ action, reply }) => action === "receive" && reply !== undefined)
    .map(({ channel }) => channel.$ref);
  return Object.entries(document.channels).flatMap(([key, { address, title, messages }]) => {
    if (address === null) return []; // Replies go wherever the request says.
    const [name = ""] = Object.keys(messages);
    const message = document.components.messages[name] ?? {};
    const levels = parsePattern(title ?? address);
    const schema = isSchema(message.payload) ? message.payload : {};
    const content = toContent(message.contentType);
    const hasForm = content === "json" && toShape(schema, document).kind !== "json";
    const isAnswered = answered.includes(`#/channels/${key}`);
    const pattern = levels.map(toLevelText).join("/");
    return [{ pattern, levels, content, schema, root: document, hasForm, isAnswered }];
  });
}

/** The typed topic that this one is of: by its pattern's own text, else the one that says most. */
export function findTyped(typed: readonly TypedTopic[], topic: string): TypedTopic | undefined {
  const own = typed.find(({ pattern }) => pattern === topic);
  if (own) return own;
  const isLiteral = ({ kind }: TopicLevel) => kind === "literal";
  const fitting = typed.filter(({ levels }) => covers(levels, topic.split("/")));
  return fitting.toSorted((left, right) => {
    return right.levels.filter(isLiteral).length - left.levels.filter(isLiteral).length;
  })[0];
}

/** The names of the parameters that have no value yet, as the topic is a pattern's own text. */
export function listParameters(typed: TypedTopic | undefined, topic: string): readonly string[] {
  if (!typed || typed.pattern !== topic) return [];
  return typed.levels.flatMap((level) => (level.kind === "parameter" ? [level.name] : []));
}

/** The topic with its parameters in their places. */
export function fillTopic(
  typed: TypedTopic | undefined,
  topic: string,
  parameters: Parameters,
): string {
  if (!typed || typed.pattern !== topic) return topic;
  const texts = typed.levels.map((level) => {
    return level.kind === "literal" ? level.text : (parameters[level.name] ?? "");
  });
  return texts.join("/");
}

function parsePattern(text: string): readonly TopicLevel[] {
  return text.split("/").map((level, at): TopicLevel => {
    if (level === "+") return { kind: "parameter", name: `level${at + 1}`, isRest: false };
    if (level === "#") return { kind: "parameter", name: "rest", isRest: true };
    const [, name, dots] = /^\{(\w+)(\.\.\.)?\}$/.exec(level) ?? [];
    if (name === undefined) return { kind: "literal", text: level };
    return { kind: "parameter", name, isRest: dots !== undefined };
  });
}

function toLevelText(level: TopicLevel): string {
  if (level.kind === "literal") return level.text;
  return `{${level.name}${level.isRest ? "..." : ""}}`;
}

function covers(levels: readonly TopicLevel[], texts: readonly string[]): boolean {
  const hasRest = levels.some((level) => level.kind === "parameter" && level.isRest);
  const isLong = hasRest ? texts.length >= levels.length - 1 : texts.length === levels.length;
  return (
    isLong && levels.every((level, at) => level.kind === "parameter" || level.text === texts[at])
  );
}

function toContent(contentType: string | undefined): TypedTopic["content"] {
  if (contentType === "text/plain") return "text";
  return contentType === "application/octet-stream" ? "bytes" : "json";
}
