// DELETE /retained: takes retained messages away, as MQTT does it: an empty one is published to
// each topic. A dry run counts. What may be deleted is judged topic by topic.

import { type Static, Type } from "@sinclair/typebox";
import { callerOf } from "./caller.ts";
import type { PublishMessage } from "./publish-answer.ts";
import {
  createTally,
  findForbidden,
  publishAll,
  REFUSALS,
  toExamples,
} from "./retained-changes.ts";
import { COMPLETENESS, toCompleteness } from "./retained-page.ts";
import { readDeleteQuery } from "./retained-query.ts";
import type { RetainedSource } from "./retained-source.ts";

export const DELETED = Type.Object({
  dry_run: Type.Boolean(),
  matched: Type.Integer({ description: "retained messages of the filter" }),
  deletable: Type.Integer({ description: "those of them that this caller may delete" }),
  deleted: Type.Integer({ description: "the broker has taken the empty message" }),
  refused: Type.Integer({ description: "no right to publish there, or the broker said no" }),
  left: Type.Integer({ description: "not tried: beyond the limit, or the broker went away" }),
  refusals: REFUSALS,
  examples: Type.Array(Type.String(), { description: "the first topics that are, or would be" }),
  ...COMPLETENESS,
});

export type ChangeParts = {
  readonly source: RetainedSource;
  readonly publish: PublishMessage;
  /** Messages of one request. */
  readonly changesMax: number;
};

export async function deleteRetained(
  { source, publish, changesMax }: ChangeParts,
  request: Request,
): Promise<Static<typeof DELETED>> {
  const caller = callerOf(request);
  caller.check("admin");
  const { filter, isDryRun, limit } = readDeleteQuery(request, changesMax);
  const found = await source.find(filter);
  // With it gone, nobody could tell whether the bridge is there.
  const topics = found.topics.filter((topic) => {
    return topic !== source.ownStatusTopic || filter === topic;
  });
  const tally = createTally();
  const allowed = topics.filter((topic) => {
    const error = findForbidden(caller, { topic });
    if (error) tally.refuse(topic, error);
    return error === undefined;
  });
  const chosen = allowed.slice(0, limit);
  const beyond = allowed.length - chosen.length;
  const items = isDryRun ? [] : chosen.map((topic) => ({ topic }));
  const { done, left } = await publishAll(items, toEmpty, publish, tally);
  return {
    dry_run: isDryRun,
    matched: topics.length,
    deletable: allowed.length,
    deleted: done,
    refused: tally.refused(),
    left: left + beyond,
    refusals: tally.refusals(),
    examples: toExamples(chosen),
    ...toCompleteness(found),
  };
}

// [MQTT-3.3.1-6]
function toEmpty({ topic }: { readonly topic: string }) {
  return { topic, payload: Buffer.alloc(0), qos: 1, retain: true } as const;
}
