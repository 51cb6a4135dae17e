// Writes batches into the history, and takes out what is too old or too much. Called by the
// history's thread alone.

import type { Database } from "bun:sqlite";
import { readBatch } from "./history-batch.ts";
import { toFirstId } from "./observation.ts";

export type HistoryLimits = {
  /** Of the file. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
  readonly perTopicMax: number;
};

export type HistoryWriter = {
  /** Writes a batch in one transaction; how many of its messages have an id that is taken. */
  readonly write: (buffer: ArrayBuffer, length: number) => number;
  /** Takes out what is older than the limit says. */
  readonly dropOld: (nowMs: number) => void;
  /** What the file takes, in bytes, without what is free in it. */
  readonly readBytes: () => number;
};

type Topic = { readonly key: number; messages: number };

/** Topics whose number is known without asking the file. */
const KNOWN_TOPICS_MAX = 50_000;
/** Deleted in one go: a few milliseconds. */
const DELETED_ROWS = 5_000;
/** When it is full, so much is made free that it is not full again at once. */
const FULL_SHARE = 0.97;

export function createHistoryWriter(db: Database, limits: HistoryLimits): HistoryWriter {
  const topics = createTopics(db);
  const insertAll = createInsertion(db, topics, limits.perTopicMax);
  const dropOldest = (belowId: number) => {
    return runInTransaction(db, () => dropOldestRows(db, topics, belowId));
  };
  const readBytes = createFileSize(db);

  return {
    write(buffer, length) {
      try {
        const repeated = runInTransaction(db, () => insertAll(buffer, length));
        topics.forgetIfMany();
        if (readBytes() > limits.bytesMax) {
          const wanted = limits.bytesMax * FULL_SHARE;
          while (readBytes() > wanted && dropOldest(Number.MAX_SAFE_INTEGER) > 0);
        }
        return repeated;
      } catch (error) {
        topics.forget(); // What they were counted to was taken back with the transaction.
        throw error;
      }
    },
    dropOld(nowMs) {
      const belowId = toFirstId(nowMs - limits.ageMsMax);
      while (dropOldest(belowId) > 0);
    },
    readBytes,
  };
}

/** All messages of a batch, or none. */
function createInsertion(db: Database, topics: Topics, perTopicMax: number) {
  const insert = db.query<unknown, (number | string | Uint8Array | null)[]>(
    `INSERT OR IGNORE INTO messages (id, topic, qos, retain, payload_bytes, properties, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return (buffer: ArrayBuffer, length: number) => {
    const touched = new Set<Topic>();
    let repeated = 0;
    for (const { id, topic: name, qos, retain, ...one } of readBatch(buffer, length)) {
      const topic = topics.get(name);
      const { payloadBytes, properties, payload } = one;
      const row = [id, topic.key, qos, retain, payloadBytes, properties, payload];
      const isNew = insert.run(...row).changes;
      if (isNew === 0) repeated += 1;
      topic.messages += isNew;
      touched.add(topic);
    }
    for (const topic of touched) trimTopic(db, topic, perTopicMax);
    return repeated;
  };
}

type Topics = {
  readonly get: (topic: string) => Topic;
  /** So many messages of the topic went. */
  readonly take: (key: number, messages: number) => void;
  readonly forget: () => void;
  /** Not within a batch: what is counted in it would be counted twice. */
  readonly forgetIfMany: () => void;
};

// The numbers of topics, and how many messages each has. What is not known any more is read again.
function createTopics(db: Database): Topics {
  const known = new Map<string, Topic>();
  const byKey = new Map<number, Topic>();
  const find = db.query<{ key: number }, [string]>("SELECT key FROM topics WHERE topic = ?");
  const add = db.query<{ key: number }, [string]>(
    "INSERT INTO topics (topic) VALUES (?) RETURNING key",
  );
  const count = db.query<{ messages: number }, [number]>(
    "SELECT count(*) AS messages FROM messages WHERE topic = ?",
  );
  const forget = () => {
    known.clear();
    byKey.clear();
  };
  return {
    get(name) {
      const found = known.get(name);
      if (found) return found;
      const key = (find.get(name) ?? add.get(name))?.key ?? 0;
      const topic = { key, messages: count.get(key)?.messages ?? 0 };
      known.set(name, topic);
      byKey.set(key, topic);
      return topic;
    },
    take(key, messages) {
      const topic = byKey.get(key);
      if (topic) topic.messages -= messages;
    },
    forget,
    forgetIfMany() {
      if (known.size > KNOWN_TOPICS_MAX) forget();
    },
  };
}

function trimTopic(db: Database, topic: Topic, messagesMax: number): void {
  const excess = topic.messages - messagesMax;
  if (excess <= 0) return;
  db.query(
    `DELETE FROM messages
     WHERE id IN (SELECT id FROM messages WHERE topic = ? ORDER BY id LIMIT ?)`,
  ).run(topic.key, excess);
  topic.messages = messagesMax;
}

// The oldest below that id, at most some thousand; how many went. A topic without any goes, too.
function dropOldestRows(db: Database, topics: Topics, belowId: number): number {
  const rows = db
    .query<{ id: number }, [number, number]>(
      "SELECT id FROM messages WHERE id < ? ORDER BY id LIMIT ?",
    )
    .all(belowId, DELETED_ROWS);
  const lastId = rows.at(-1)?.id;
  if (lastId === undefined) return 0;
  const gone = db
    .query<{ topic: number; messages: number }, [number]>(
      "SELECT topic, count(*) AS messages FROM messages WHERE id <= ? GROUP BY topic",
    )
    .all(lastId);
  db.query("DELETE FROM messages WHERE id <= ?").run(lastId);
  for (const { topic, messages } of gone) topics.take(topic, messages);
  const removed = db
    .query<{ key: number }, [string]>(
      `DELETE FROM topics WHERE key IN (SELECT value FROM json_each(?))
       AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.topic = topics.key) RETURNING key`,
    )
    .all(JSON.stringify(gone.map(({ topic }) => topic)));
  if (removed.length > 0) topics.forget();
  return rows.length;
}

function createFileSize(db: Database): () => number {
  const read = db.query<{ pages: number; size: number }, []>(
    `SELECT page_count - freelist_count AS pages, page_size AS size
     FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  return () => {
    const { pages = 0, size = 0 } = read.get() ?? {};
    return pages * size;
  };
}

// By hand: the statements of Bun's own transactions would keep the file open after its closing.
function runInTransaction<T>(db: Database, work: () => T): T {
  db.run("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.run("COMMIT");
    return result;
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    throw error;
  }
}
