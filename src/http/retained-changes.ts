// Many retained messages published one after the other: what became of each, counted, with a few
// topics as examples. Used to delete them and to put them back.

import { type Static, Type } from "@sinclair/typebox";
import { type ErrorCode, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import type { Caller } from "./caller.ts";
import type { PublishMessage } from "./publish-answer.ts";

const EXAMPLES_MAX = 20;
/** Under way at the same time. */
const AT_ONCE_MAX = 100;

/** With these the next ones would fail as well, each after its time. */
const ENDS: readonly ErrorCode[] = ["publish_timeout", "outbox_full", "link_closed"];

export const REFUSALS = Type.Array(
  Type.Object({
    code: Type.String({ description: "of the error, as in an answer that is one" }),
    message: Type.String({ description: "that of the first of them" }),
    count: Type.Integer(),
    topics: Type.Array(Type.String(), { description: "some of them" }),
  }),
  { description: "why, by code" },
);

export type Tally = {
  readonly refuse: (topic: string, error: ViadutoError) => void;
  readonly refused: () => number;
  readonly refusals: () => Static<typeof REFUSALS>;
};

/** Some of many, to be shown. */
export function toExamples(topics: readonly string[]): string[] {
  return topics.slice(0, EXAMPLES_MAX);
}

export function createTally(): Tally {
  const kinds = new Map<ErrorCode, { message: string; count: number; topics: string[] }>();
  return {
    refuse(topic, { code, message }) {
      const kind = kinds.get(code) ?? { message, count: 0, topics: [] };
      kind.count += 1;
      if (kind.topics.length < EXAMPLES_MAX) kind.topics.push(topic);
      kinds.set(code, kind);
    },
    refused: () => [...kinds.values()].reduce((sum, { count }) => sum + count, 0),
    refusals: () => [...kinds].map(([code, kind]) => ({ code, ...kind })),
  };
}

/** Why the caller may not publish there, or have it answered there; undefined when it may. */
export function findForbidden(
  caller: Caller,
  { topic: own, properties }: Pick<OutgoingMessage, "topic" | "properties">,
): ViadutoError | undefined {
  const topics = [own, properties?.responseTopic ?? own];
  const topic = topics.find((one) => !caller.may("publish", one));
  if (topic === undefined) return undefined;
  const facts = { name: caller.name ?? "", scope: "publish", topic };
  return new ViadutoError("topic_forbidden", facts);
}

/**
 * Publishes all, each acknowledged; what is refused goes to the tally. Resolves with how many the
 * broker took, and how many were not tried, since it takes nothing any more.
 */
export async function publishAll<T extends { readonly topic: string }>(
  items: readonly T[],
  toMessage: (item: T) => OutgoingMessage,
  publish: PublishMessage,
  tally: Tally,
): Promise<{ readonly done: number; readonly left: number }> {
  let done = 0;
  let isOver = false;
  const publishOne = async (item: T) => {
    try {
      await publish(toMessage(item));
      done += 1;
    } catch (thrown) {
      const error = toViadutoError(thrown);
      if (ENDS.includes(error.code)) isOver = true;
      tally.refuse(item.topic, error);
    }
  };
  for (let at = 0; at < items.length; at += AT_ONCE_MAX) {
    if (isOver) return { done, left: items.length - at };
    await Promise.all(items.slice(at, at + AT_ONCE_MAX).map(publishOne));
  }
  return { done, left: 0 };
}
