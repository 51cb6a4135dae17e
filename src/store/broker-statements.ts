// The changes that the broker's file takes, as prepared statements. Used by broker-store.

import type { Database, SQLQueryBindings } from "bun:sqlite";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Database) {
  const prepare = (sql: string) => db.prepare<unknown, SQLQueryBindings[]>(sql);
  return {
    putSession: prepare(
      `INSERT INTO sessions (key, client_id, username, expiry_seconds, ends_at_ms)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET username = excluded.username,
       expiry_seconds = excluded.expiry_seconds, ends_at_ms = excluded.ends_at_ms`,
    ),
    /** To be run all; each takes the key. */
    deleteSession: [
      prepare("DELETE FROM queue WHERE session = ?"),
      prepare("DELETE FROM received WHERE session = ?"),
      prepare("DELETE FROM subscriptions WHERE session = ?"),
      prepare("DELETE FROM sessions WHERE key = ?"),
    ],
    putSubscription: prepare("INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteSubscription: prepare("DELETE FROM subscriptions WHERE session = ? AND filter = ?"),
    /** With the first entry of it. */
    putMessage: prepare(
      "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    releaseFirst: prepare("UPDATE messages SET released = 1 WHERE id = ?"),
    deleteFirsts: prepare("UPDATE messages SET session = NULL WHERE id BETWEEN ? AND ?"),
    deleteMessages: prepare("DELETE FROM messages WHERE id BETWEEN ? AND ?"),
    putEntry: prepare("INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    releaseEntry: prepare("UPDATE queue SET released = 1 WHERE session = ? AND number = ?"),
    deleteEntries: prepare("DELETE FROM queue WHERE session = ? AND number BETWEEN ? AND ?"),
    putSent: prepare("UPDATE sessions SET sent_before = ? WHERE key = ?"),
    putReceived: prepare("INSERT OR IGNORE INTO received VALUES (?, ?)"),
    deleteReceived: prepare("DELETE FROM received WHERE session = ? AND identifier = ?"),
    putRetained: prepare("INSERT OR REPLACE INTO retained VALUES (?, ?, ?, ?, ?, ?)"),
    deleteRetained: prepare("DELETE FROM retained WHERE topic = ?"),
    putWill: prepare("INSERT OR REPLACE INTO wills VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteWill: prepare("DELETE FROM wills WHERE client_id = ?"),
  };
}
