// What the embedded broker must not forget: sessions, their subscriptions and queues, retained
// messages and wills. The broker works in memory; each change is noted here as well, and read back
// at the next start. It decides nothing, and never reads while the broker runs.

import type { Logger } from "../lib/log.ts";
import type { MessageProperties, QoS } from "../topics/message.ts";
import { type BrokerContent, loadContent, type MessageFields } from "./broker-content.ts";
import { openBrokerFile } from "./broker-file.ts";
import { prepareStatements, type Statements } from "./broker-statements.ts";
import { IN_MEMORY } from "./database-file.ts";
import { createForgetfulStore } from "./forgetful-store.ts";
import { NumberRanges } from "./number-ranges.ts";
import { formatProperties } from "./property-json.ts";
import { createWriteGroup, type WriteGroup } from "./write-group.ts";

/** A message as the broker has it; the store notes on it where it is. */
export type StoredMessage = MessageFields & {
  /** 0 while it is in no queue on disk. */
  storeId: number;
  storeReferences: number;
};
export type StoredEntry = {
  readonly publication: StoredMessage;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[] | undefined;
  readonly group: { readonly filter: string } | undefined;
  readonly isReleased: boolean;
};
export type StoredSubscription = {
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: number;
  readonly identifier: number | undefined;
};
type StoredSession = {
  readonly key: number;
  readonly id: string;
  readonly username: string | undefined;
  readonly expirySeconds: number;
  readonly endsAtMs: number | undefined;
};
export type StoredWill = {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly delaySeconds: number;
  readonly properties?: MessageProperties | undefined;
};

export type BrokerStore = AsyncDisposable & {
  /** False: nothing is kept, and nothing is promised. */
  readonly isKept: boolean;
  /** All that was kept, once, at the start; `create` makes the broker's own messages of it. */
  load<M extends StoredMessage>(create: (fields: MessageFields) => M): BrokerContent<M>;
  putSession(session: StoredSession): void;
  deleteSession(key: number): void;
  putSubscription(key: number, subscription: StoredSubscription): void;
  deleteSubscription(key: number, filter: string): void;
  putEntry(key: number, number: number, entry: StoredEntry): void;
  releaseEntry(key: number, number: number): void;
  deleteEntry(key: number, number: number, message: StoredMessage): void;
  putSent(key: number, sentBefore: number): void;
  putReceived(key: number, identifier: number): void;
  deleteReceived(key: number, identifier: number): void;
  putRetained(message: MessageFields): void;
  deleteRetained(topic: string): void;
  putWill(will: StoredWill): void;
  deleteWill(clientId: string): void;
  /** Called when all changes so far are as safe as the durability says. */
  whenStored(done: () => void): void;
};

export type BrokerStoreOptions = {
  /** Where the file is, or `:memory:`. */
  readonly folder: string;
  readonly durability: "full" | "normal" | "off";
  readonly log: Logger;
};

/** With durability "off": how long a change may wait. */
const GATHER_MS = 200;

/** Throws `store_unusable`, and leaves a file that it cannot read untouched. */
export function openBrokerStore(options: BrokerStoreOptions): BrokerStore {
  return options.folder === IN_MEMORY ? createForgetfulStore() : openFileStore(options);
}

function openFileStore({ folder, durability, log }: BrokerStoreOptions): BrokerStore {
  const db = openBrokerFile(folder, durability === "full" ? "FULL" : "NORMAL");
  const statements = prepareStatements(db);
  const progress = createProgress(statements);
  const isLazy = durability === "off";
  const gatherMs = isLazy ? GATHER_MS : 0;
  const group = createWriteGroup(db, { log, gatherMs, ...progress });
  let lastMessageId = 0;
  return {
    isKept: true,
    load(create) {
      const content = loadContent(db, create);
      lastMessageId = content.lastMessageId;
      return content;
    },
    ...createSessionPart(statements, group, progress),
    ...createQueuePart(statements, group, progress, () => ++lastMessageId),
    ...createMessagePart(statements, group),
    whenStored: isLazy ? (done) => done() : group.whenCommitted,
    async [Symbol.asyncDispose]() {
      if (!group.close()) log.error("the broker's last changes are not on the disk");
      db.close();
    },
  };
}

type Progress = ReturnType<typeof createProgress>;

/** How far the queues are: acknowledged messages go in ranges, once a commit. */
function createProgress(statements: Statements) {
  const goneEntries = new Map<number, NumberRanges>();
  const goneMessages = new NumberRanges();
  const sent = new Map<number, number>();
  return {
    goneEntries,
    goneMessages,
    sent,
    beforeCommit() {
      for (const [key, sentBefore] of sent) statements.putSent.run(sentBefore, key);
      for (const [key, ranges] of goneEntries) {
        for (const [from, to] of ranges) statements.deleteEntries.run(key, from, to);
      }
      for (const [from, to] of goneMessages) statements.deleteMessages.run(from, to);
    },
    afterCommit() {
      sent.clear();
      goneEntries.clear();
      goneMessages.clear();
    },
  };
}

function createSessionPart(statements: Statements, { add }: WriteGroup, progress: Progress) {
  return {
    putSession({ key, id, username = null, expirySeconds, endsAtMs = null }) {
      add(() => statements.putSession.run(key, id, username, expirySeconds, endsAtMs));
    },
    deleteSession(key) {
      progress.goneEntries.delete(key);
      progress.sent.delete(key);
      add(() => {
        for (const statement of statements.deleteSession) statement.run(key);
      });
    },
    putSubscription(key, one) {
      const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier = null } = one;
      const flags = [Number(noLocal), Number(retainAsPublished), retainHandling] as const;
      add(() => statements.putSubscription.run(key, filter, qos, ...flags, identifier));
    },
    deleteSubscription(key, filter) {
      add(() => statements.deleteSubscription.run(key, filter));
    },
    putReceived(key, identifier) {
      add(() => statements.putReceived.run(key, identifier));
    },
    deleteReceived(key, identifier) {
      add(() => statements.deleteReceived.run(key, identifier));
    },
  } satisfies Partial<BrokerStore>;
}

function createQueuePart(
  statements: Statements,
  { add }: WriteGroup,
  progress: Progress,
  toNextMessageId: () => number,
) {
  const nothing = () => {}; // What is done with the progress of all.
  return {
    putEntry(key, number, entry) {
      const { publication: message, qos, retain, identifiers, group, isReleased } = entry;
      if (message.storeReferences === 0) {
        const id = toNextMessageId();
        message.storeId = id;
        add(() => statements.putMessage.run(id, ...toColumns(message)));
      }
      message.storeReferences += 1;
      const id = message.storeId;
      const list = identifiers ? JSON.stringify(identifiers) : null;
      const rest = [qos, Number(retain), list, group?.filter ?? null, Number(isReleased)] as const;
      add(() => statements.putEntry.run(key, number, id, ...rest));
    },
    releaseEntry(key, number) {
      add(() => statements.releaseEntry.run(key, number));
    },
    deleteEntry(key, number, message) {
      progress.goneEntries.getOrInsertComputed(key, () => new NumberRanges()).add(number);
      message.storeReferences -= 1;
      if (message.storeReferences === 0) progress.goneMessages.add(message.storeId);
      add(nothing);
    },
    putSent(key, sentBefore) {
      progress.sent.set(key, sentBefore);
      add(nothing);
    },
  } satisfies Partial<BrokerStore>;
}

function createMessagePart(statements: Statements, { add }: WriteGroup) {
  return {
    putRetained(message) {
      const [topic, qos, , ...others] = toColumns(message);
      add(() => statements.putRetained.run(topic, qos, ...others));
    },
    deleteRetained(topic) {
      add(() => statements.deleteRetained.run(topic));
    },
    putWill({ clientId, topic, qos, retain, delaySeconds, properties, payload }) {
      const json = properties ? formatProperties(properties) : null;
      const flags = [qos, Number(retain), delaySeconds] as const;
      add(() => statements.putWill.run(clientId, topic, ...flags, json, payload));
    },
    deleteWill(clientId) {
      add(() => statements.deleteWill.run(clientId));
    },
  } satisfies Partial<BrokerStore>;
}

function toColumns(message: MessageFields) {
  const { topic, qos, retain, expiresAtMs, publisherId = null, properties, payload } = message;
  const expires = expiresAtMs !== undefined && Number.isFinite(expiresAtMs) ? expiresAtMs : null;
  const json = properties ? formatProperties(properties) : null;
  return [topic, qos, Number(retain), expires, publisherId, json, payload] as const;
}
