// The queues in the broker's file: messages on their way to clients, and how far those are. Part of
// broker-store.

import type { MessageFields } from "./broker-content.ts";
import type { Statements } from "./broker-statements.ts";
import type { BrokerStore, StoredEntry } from "./broker-store.ts";
import { NumberRanges } from "./number-ranges.ts";
import type { Change, WriteGroup } from "./write-group.ts";

/** An entry on its way to the disk. */
export type PendingEntry = Change & {
  readonly entry: StoredEntry;
  /** Some transaction has tried it. */
  isTried: boolean;
};
export type Progress = ReturnType<typeof createProgress>;

/** How far the queues are: acknowledged messages go in ranges, once a commit. */
export function createProgress(statements: Statements) {
  const goneEntries = new Map<number, NumberRanges>();
  /** Messages that the first queue they were in has no more, and that others still have. */
  const goneFirsts = new NumberRanges();
  const goneMessages = new NumberRanges();
  const sent = new Map<number, number>();
  return {
    goneEntries,
    goneFirsts,
    goneMessages,
    sent,
    beforeCommit() {
      for (const [key, sentBefore] of sent) statements.putSent.run(sentBefore, key);
      for (const [key, ranges] of goneEntries) {
        for (const [from, to] of ranges) statements.deleteEntries.run(key, from, to);
      }
      for (const [from, to] of goneFirsts) statements.deleteFirsts.run(from, to);
      for (const [from, to] of goneMessages) statements.deleteMessages.run(from, to);
    },
    afterCommit(changes: readonly (Change & Partial<PendingEntry>)[]) {
      for (const { entry } of changes) if (entry) entry.pending = undefined;
      sent.clear();
      goneEntries.clear();
      goneFirsts.clear();
      goneMessages.clear();
    },
  };
}

export function createQueuePart(
  statements: Statements,
  group: WriteGroup,
  progress: Progress,
  toNextMessageId: () => number,
) {
  return {
    putEntry(key, number, entry) {
      const pending = createPending(statements, key, number, entry, toNextMessageId);
      entry.pending = pending;
      group.add(pending);
    },
    releaseEntry(key, number, entry) {
      if (entry.pending && !entry.pending.isTried) return; // It is written as it is then.
      const { storeId } = entry.publication;
      if (entry.isInMessage) group.add({ run: () => statements.releaseFirst.run(storeId) });
      else group.add({ run: () => statements.releaseEntry.run(key, number) });
    },
    deleteEntry(key, number, entry) {
      const { pending, isInMessage, publication: message } = entry;
      if (pending && !pending.isTried) return group.cancel(pending);
      const { goneEntries, goneFirsts, goneMessages } = progress;
      message.storeReferences -= 1;
      if (!isInMessage) goneEntries.getOrInsertComputed(key, () => new NumberRanges()).add(number);
      if (message.storeReferences === 0) goneMessages.add(message.storeId);
      else if (isInMessage) goneFirsts.add(message.storeId);
      group.addLater();
    },
    putSent(key, sentBefore, { pending }) {
      progress.sent.set(key, sentBefore);
      if (!pending) group.addLater();
    },
  } satisfies Partial<BrokerStore>;
}

/** The entry's row, to be written with its message when that is in no other queue yet. */
function createPending(
  statements: Statements,
  key: number,
  number: number,
  entry: StoredEntry,
  toNextMessageId: () => number,
): PendingEntry {
  let id = 0;
  return {
    entry,
    isTried: false,
    run() {
      const { publication: message } = entry;
      if (!this.isTried) {
        this.isTried = true;
        entry.isInMessage = message.storeReferences === 0;
        if (entry.isInMessage) message.storeId = toNextMessageId();
        // Its own: tried again, the message may have left and come back under another.
        id = message.storeId;
        message.storeReferences += 1;
      }
      const columns = toEntryColumns(entry);
      const { putMessage, putEntry } = statements;
      if (entry.isInMessage) putMessage.run(id, ...toColumns(message), key, number, ...columns);
      else putEntry.run(key, number, id, ...columns);
    },
  };
}

function toEntryColumns({ qos, retain, identifiers, group, isReleased }: StoredEntry) {
  const list = identifiers ? JSON.stringify(identifiers) : null;
  return [qos, Number(retain), list, group?.filter ?? null, Number(isReleased)] as const;
}

export function toColumns(message: MessageFields) {
  const { topic, qos, retain, expiresAtMs, publisherId = null, payload } = message;
  const { encodedProperties } = message;
  const expires = expiresAtMs !== undefined && Number.isFinite(expiresAtMs) ? expiresAtMs : null;
  const properties = encodedProperties && encodedProperties.length > 0 ? encodedProperties : null;
  return [topic, qos, Number(retain), expires, publisherId, properties, payload] as const;
}
