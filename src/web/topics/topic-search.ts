// What stands in the search field, as a question to a topic: an MQTT filter, or any text. Pure.

import { FilterTree } from "../../topics/filter-tree.ts";
import type { LastMessage, TopicNode } from "../live/topic-tree.ts";

export type Search =
  | { readonly kind: "all" }
  | { readonly kind: "filter"; readonly tree: FilterTree<true> }
  /** `text` in lower case. */
  | { readonly kind: "text"; readonly text: string };

export function parseSearch(written: string): Search {
  const text = written.trim();
  if (text === "") return { kind: "all" };
  if (!isFilter(text)) return { kind: "text", text: text.toLowerCase() };
  const tree = new FilterTree<true>();
  tree.set(text, true);
  return { kind: "filter", tree };
}

/** Whether the topic of this node is one that is looked for. */
export function isFound(search: Search, { topic, last }: TopicNode): boolean {
  switch (search.kind) {
    case "all":
      return true;
    case "filter":
      return search.tree.find(topic) === true;
    case "text":
      return hasText(topic, search.text) || (last !== undefined && hasWords(last, search.text));
    default:
      return search satisfies never;
  }
}

/** Whether a wildcard stands where MQTT allows it; "a+b" is a text like others. */
function isFilter(text: string): boolean {
  const levels = text.split("/");
  const rest = levels.indexOf("#");
  return rest < 0 ? levels.includes("+") : rest === levels.length - 1;
}

function hasWords({ payload, payload_encoding, properties }: LastMessage, text: string): boolean {
  if (payload_encoding === "plain" && hasText(payload, text)) return true;
  return Object.entries(properties?.user_properties ?? {}).some(([name, values]) => {
    return hasText(name, text) || [values].flat().some((value) => hasText(value, text));
  });
}

function hasText(whole: string, text: string): boolean {
  return whole.toLowerCase().includes(text);
}
