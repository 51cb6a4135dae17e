// Which topics have a handler, and what it takes: asked of the bridge again and again while the
// page is shown, since handlers are loaded anew when their files change.

import { type ReadonlySignal, signal } from "@preact/signals";
import { FilterTree } from "../../topics/filter-tree.ts";
import type { JsonSchema } from "../docs/curl-line.ts";
import { resolve } from "../docs/json-example.ts";
import { toServerWords } from "../docs/server-words.ts";
import type { Api } from "../live/api.ts";
import type { HandlerJson } from "../live/handler-answers.ts";
import { toTypeWords } from "./type-words.ts";

export type HandlerMark = {
  readonly name: string;
  /** Its pattern, as `rooms/{id}`. */
  readonly topic: string;
  /** Of the payload, in short; undefined when any will do. */
  readonly type: string | undefined;
};

/** What the bridge says of itself, as far as this page shows it. */
export type Marks = {
  readonly find: (topic: string) => HandlerMark | undefined;
  /** Where Mosquitto's tools reach the broker: "-h 127.0.0.1 -p 1883". */
  readonly serverWords: string | undefined;
};

export type HandlerMarks = {
  readonly marks: ReadonlySignal<Marks>;
  /** Never rejects: without an answer there are no marks, and the header says why. */
  readonly refresh: () => Promise<void>;
};

type HandlersJson = {
  readonly handlers: readonly Pick<HandlerJson, "name" | "topic" | "filter">[];
};
type Document = Readonly<Record<string, unknown>>;

const NO_MARKS: Marks = { find: () => undefined, serverWords: undefined };

export function createHandlerMarks(api: Pick<Api, "ask">): HandlerMarks {
  const marks = signal(NO_MARKS);
  let known = "";
  return {
    marks,
    async refresh() {
      try {
        const { handlers } = await api.ask<HandlersJson>("handlers");
        const current = handlers.map(({ name, topic }) => `${name} ${topic}`).join("\n");
        if (current === known && marks.value !== NO_MARKS) return;
        marks.value = toMarks(handlers, await api.ask<Document>("asyncapi.json"));
        known = current;
      } catch {
        // They are an ornament: the tree is shown without.
      }
    },
  };
}

export function toMarks(handlers: HandlersJson["handlers"], document: Document): Marks {
  const types = listTypes(document);
  const tree = new FilterTree<HandlerMark>();
  for (const { name, topic, filter } of handlers) {
    tree.set(filter, { name, topic, type: types.get(topic) });
  }
  return { find: (topic) => tree.find(topic), serverWords: toServerWords(document) };
}

// By the title of the channel, which is the handler's pattern; its address has no `{rest...}`.
function listTypes(document: Document): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const channel of Object.values((document.channels ?? {}) as Record<string, JsonSchema>)) {
    const { title, messages } = channel as { title?: string; messages?: object };
    for (const pointer of Object.values(messages ?? {}) as JsonSchema[]) {
      const { payload, contentType } = resolve(resolve(pointer, document), document);
      const type = toType((payload ?? {}) as JsonSchema, String(contentType), document);
      if (title !== undefined && type !== undefined) types.set(title, type);
    }
  }
  return types;
}

function toType(payload: JsonSchema, contentType: string, document: Document): string | undefined {
  if (contentType.startsWith("text/")) return "text";
  if (contentType === "application/octet-stream") return "bytes";
  const words = toTypeWords(payload, document);
  return words === "any" ? undefined : words;
}
