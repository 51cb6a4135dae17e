// POST /retained: puts retained messages back as GET gave them, with payload, QoS and properties:
// the way back from DELETE. What has come meanwhile stays, unless it may be overwritten.

import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import { callerOf } from "./caller.ts";
import { parseExactJson } from "./exact-json.ts";
import { checkJsonDepth } from "./json-depth.ts";
import { MESSAGE_BODY, toOutgoingMessage } from "./message-body.ts";
import {
  createTally,
  findForbidden,
  publishAll,
  REFUSALS,
  type Tally,
  toExamples,
} from "./retained-changes.ts";
import type { ChangeParts } from "./retained-deleting.ts";
import { readRestoreQuery } from "./retained-query.ts";

export const RESTORED = Type.Object({
  restored: Type.Integer({ description: "the broker has taken them" }),
  kept: Type.Integer({ description: "their topics have a retained message, which stays" }),
  kept_topics: Type.Array(Type.String(), { description: "some of them" }),
  refused: Type.Integer({ description: "no right, not valid, or the broker said no" }),
  left: Type.Integer({ description: "not tried: the broker went away" }),
  refusals: REFUSALS,
});

/** What is published of it, and what GET says beside. */
const { topic, payload, payload_encoding, qos, properties } = MESSAGE_BODY.properties;
const ITEM = Type.Object({
  topic,
  payload,
  payload_encoding,
  qos,
  properties,
  payload_cut: Type.Optional(Type.Boolean()),
});
type Item = Static<typeof ITEM>;

export async function restoreRetained(
  parts: ChangeParts & { readonly jsonDepthMax: number },
  request: Request,
): Promise<Static<typeof RESTORED>> {
  const caller = callerOf(request);
  caller.check("admin");
  const isOverwriting = readRestoreQuery(request);
  const items = readItems(await request.text(), parts);
  const tally = createTally();
  const messages = items.flatMap((item) => {
    const message = toMessage(item, tally);
    const error = message && findForbidden(caller, message);
    if (error) tally.refuse(item.topic, error);
    return message && !error ? [message] : [];
  });
  const topics = [...new Set(messages.map((message) => message.topic))];
  const taken = isOverwriting ? new Set<string>() : await parts.source.findTaken(topics);
  const kept = messages.filter((message) => taken.has(message.topic));
  const free = messages.filter((message) => !taken.has(message.topic));
  const { done, left } = await publishAll(free, (message) => message, parts.publish, tally);
  return {
    restored: done,
    kept: kept.length,
    kept_topics: toExamples(kept.map((message) => message.topic)),
    refused: tally.refused(),
    left,
    refusals: tally.refusals(),
  };
}

function toMessage({ payload_cut, ...item }: Item, tally: Tally): OutgoingMessage | undefined {
  try {
    if (payload_cut) throw new ViadutoError("retained_cut");
    const message = { ...toOutgoingMessage(item), retain: true };
    if (message.payload.length > 0) return message;
    // It would take away what is there.
    throw new ViadutoError("body_invalid", { reason: "a retained message has a payload" });
  } catch (thrown) {
    tally.refuse(item.topic, toViadutoError(thrown));
    return undefined;
  }
}

type ItemLimits = Pick<ChangeParts, "changesMax"> & { readonly jsonDepthMax: number };

function readItems(text: string, { changesMax, jsonDepthMax }: ItemLimits): readonly Item[] {
  const values = parseList(text);
  if (values.length > changesMax) {
    const facts = { messages: values.length, messagesMax: changesMax };
    throw new ViadutoError("retained_list_too_large", facts);
  }
  return values.map((value, at) => {
    checkJsonDepth(value, jsonDepthMax);
    if (Value.Check(ITEM, value)) return value;
    const [issue] = Value.Errors(ITEM, value);
    const place = `${at}${issue?.path ?? ""}`;
    const reason = `message ${place}: ${issue?.message ?? "it is not valid"}`;
    throw new ViadutoError("retained_list_invalid", { reason, path: `/${place}` });
  });
}

/** A list, the whole answer of GET, or NDJSON; of which one message is a case. */
function parseList(text: string): readonly unknown[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const whole = parseWhole(trimmed);
  if (Array.isArray(whole)) return whole;
  if (isPage(whole)) return whole.messages;
  return trimmed.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    try {
      return [parseExactJson(line)];
    } catch (cause) {
      const reason = `line ${at + 1} is not JSON: ${toReason(cause)}`;
      throw new ViadutoError("retained_list_invalid", { reason }, { cause });
    }
  });
}

function parseWhole(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined; // It is NDJSON, or told with its line.
  }
}

function isPage(value: unknown): value is { readonly messages: readonly unknown[] } {
  const { messages } = (value ?? {}) as { readonly messages?: unknown };
  return Array.isArray(messages);
}
