// What the embedded broker must not forget: sessions, their subscriptions and queues, retained
// messages and wills. The broker works in memory; each change is noted here as well, and read back
// at the next start. It decides nothing, and never reads while the broker runs.

import type { Logger } from "../lib/log.ts";
import type { MessageProperties, QoS } from "../topics/message.ts";
import { type BrokerContent, loadContent, type MessageFields } from "./broker-content.ts";
import { openBrokerFile } from "./broker-file.ts";
import {
  createProgress,
  createQueuePart,
  type PendingEntry,
  type Progress,
  toColumns,
} from "./broker-queue.ts";
import { prepareStatements, type Statements } from "./broker-statements.ts";
import { IN_MEMORY } from "./database-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { createForgetfulStore } from "./forgetful-store.ts";
import { formatProperties } from "./property-json.ts";
import { WriteGroup } from "./write-group.ts";

/** A message as the broker has it; the store notes on it where it is. */
export type StoredMessage = MessageFields & {
  /** 0 while it is in no queue on disk. */
  storeId: number;
  storeReferences: number;
};
/** A message in a queue; the store notes on it what it has still to write. */
export type StoredEntry = {
  readonly publication: StoredMessage;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[] | undefined;
  readonly group: { readonly filter: string } | undefined;
  readonly isReleased: boolean;
  pending?: PendingEntry | undefined;
  /** It stands in its message's own row. */
  isInMessage?: boolean;
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
  /** False: `whenStored` calls at once. */
  readonly isWaitedFor: boolean;
  /** All that was kept, once, at the start; `create` makes the broker's own messages of it. */
  load<M extends StoredMessage>(create: (fields: MessageFields) => M): BrokerContent<M>;
  putSession(session: StoredSession): void;
  deleteSession(key: number): void;
  putSubscription(key: number, subscription: StoredSubscription): void;
  deleteSubscription(key: number, filter: string): void;
  putEntry(key: number, number: number, entry: StoredEntry): void;
  releaseEntry(key: number, number: number, entry: StoredEntry): void;
  deleteEntry(key: number, number: number, entry: StoredEntry): void;
  putSent(key: number, sentBefore: number, entry: StoredEntry): void;
  putReceived(key: number, identifier: number): void;
  deleteReceived(key: number, identifier: number): void;
  putRetained(message: MessageFields): void;
  deleteRetained(topic: string): void;
  putWill(will: StoredWill): void;
  deleteWill(clientId: string): void;
  /** Changes so far for which somebody may wait. */
  readonly changeCount: number;
  /**
   * Why the file takes nothing now; undefined while it does. After the end: why the last changes
   * are not on the disk.
   */
  readonly problem: string | undefined;
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
  const lock = lockFolder(folder);
  const db = openOrUnlock(() => {
    return openBrokerFile(folder, durability === "full" ? "FULL" : "NORMAL");
  }, lock);
  const statements = prepareStatements(db);
  const progress = createProgress(statements);
  const isLazy = durability === "off";
  const gatherMs = isLazy ? GATHER_MS : 0;
  const group = new WriteGroup(db, { log, gatherMs, ...progress });
  let lastMessageId = 0;
  return {
    isKept: true,
    isWaitedFor: !isLazy,
    load(create) {
      const content = loadContent(db, create);
      lastMessageId = content.lastMessageId;
      return content;
    },
    ...createSessionPart(statements, group, progress),
    ...createQueuePart(statements, group, progress, () => ++lastMessageId),
    ...createMessagePart(statements, group),
    get changeCount() {
      return group.addedCount;
    },
    get problem() {
      return group.problem;
    },
    whenStored: (done) => (isLazy ? done() : group.whenCommitted(done)),
    async [Symbol.asyncDispose]() {
      if (!group.close()) log.error("the broker's last changes are not on the disk");
      // SQLite moves its log into the file when it is closed with no statement left.
      for (const statement of Object.values(statements).flat()) statement.finalize();
      db.close();
      lock[Symbol.dispose]();
    },
  };
}

function openOrUnlock<T>(open: () => T, lock: Disposable): T {
  try {
    return open();
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function createSessionPart(statements: Statements, group: WriteGroup, progress: Progress) {
  return {
    putSession({ key, id, username = null, expirySeconds, endsAtMs = null }) {
      group.add({
        run: () => statements.putSession.run(key, id, username, expirySeconds, endsAtMs),
      });
    },
    deleteSession(key) {
      progress.goneEntries.delete(key);
      progress.sent.delete(key);
      group.add({
        run() {
          for (const statement of statements.deleteSession) statement.run(key);
        },
      });
    },
    putSubscription(key, one) {
      const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier = null } = one;
      const flags = [Number(noLocal), Number(retainAsPublished), retainHandling] as const;
      group.add({
        run: () => statements.putSubscription.run(key, filter, qos, ...flags, identifier),
      });
    },
    deleteSubscription(key, filter) {
      group.add({ run: () => statements.deleteSubscription.run(key, filter) });
    },
    putReceived(key, identifier) {
      group.add({ run: () => statements.putReceived.run(key, identifier) });
    },
    deleteReceived(key, identifier) {
      group.add({ run: () => statements.deleteReceived.run(key, identifier) });
    },
  } satisfies Partial<BrokerStore>;
}

function createMessagePart(statements: Statements, group: WriteGroup) {
  return {
    putRetained(message) {
      const [topic, qos, , ...others] = toColumns(message);
      group.add({ run: () => statements.putRetained.run(topic, qos, ...others) });
    },
    deleteRetained(topic) {
      group.add({ run: () => statements.deleteRetained.run(topic) });
    },
    putWill({ clientId, topic, qos, retain, delaySeconds, properties, payload }) {
      const json = properties ? formatProperties(properties) : null;
      const flags = [qos, Number(retain), delaySeconds] as const;
      group.add({ run: () => statements.putWill.run(clientId, topic, ...flags, json, payload) });
    },
    deleteWill(clientId) {
      group.add({ run: () => statements.deleteWill.run(clientId) });
    },
  } satisfies Partial<BrokerStore>;
}
