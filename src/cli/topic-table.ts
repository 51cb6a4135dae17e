// The table of topics: each handler's file, topic, filter as the broker is told it, and options.
// Printed by check. Pure.

import { escapeControl } from "../lib/log.ts";
import { addOrigin } from "../link/origin.ts";
import { type NamedHandler, toRetries } from "../topics/handler.ts";

/** Where the handlers' topics lie at the broker. */
export type TopicSpace = { readonly origin: string; readonly group?: string | undefined };

const HEAD = ["HANDLER", "TOPIC", "SUBSCRIBED AS", "QOS", "OPTIONS"] as const;

/** One handler per line in aligned columns, with a head. */
export function formatTopicTable(handlers: readonly NamedHandler[], space: TopicSpace): string {
  const rows = [HEAD, ...handlers.map((handler) => toRow(handler, space))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "))
    .map((line) => `${escapeControl(line.trimEnd())}\n`)
    .join("");
}

function toRow({ name, file, handler }: NamedHandler, { origin, group }: TopicSpace): string[] {
  const { text, filter } = handler.topic.pattern;
  const below = addOrigin(origin, filter);
  const subscribed = group === undefined ? below : `$share/${group}/${below}`;
  // The file as one can open it; `#other` says which of its exports.
  const exported = name.includes("#") ? name.slice(name.indexOf("#")) : "";
  const shown = file === undefined ? `${name} (built in)` : file + exported;
  return [shown, text, subscribed, String(handler.options.qos ?? 1), describeOptions(handler)];
}

function describeOptions({ topic, options }: NamedHandler["handler"]): string {
  const { key, concurrency, timeout, noLocal, retained } = options;
  const { times } = toRetries(options);
  const words = [
    topic.content !== "json" && topic.content,
    key && "key",
    concurrency !== undefined && `concurrency ${concurrency}`,
    timeout !== undefined && `timeout ${timeout} ms`,
    times > 0 && `retries ${times}`,
    noLocal && "noLocal",
    retained !== undefined && `retained ${retained}`,
  ];
  return words.filter(Boolean).join(", ");
}
