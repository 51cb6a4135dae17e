// The file of the embedded broker: what its clients were promised. Called by broker-store alone.

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { openDatabase } from "./database-file.ts";

/** "Vbrk" */
const APPLICATION_ID = 0x5662726b;

const STEPS: readonly string[] = [
  // A message stands once, however many queues it is in. Numbers in a queue say the packet
  // identifier, so that none is stored.
  `CREATE TABLE sessions (
     key INTEGER PRIMARY KEY,
     client_id TEXT NOT NULL UNIQUE,
     username TEXT,
     expiry_seconds INTEGER NOT NULL,
     ends_at_ms INTEGER,
     sent_before INTEGER NOT NULL DEFAULT 1
   ) STRICT;
   CREATE TABLE subscriptions (
     session INTEGER NOT NULL,
     filter TEXT NOT NULL,
     qos INTEGER NOT NULL,
     no_local INTEGER NOT NULL,
     retain_as_published INTEGER NOT NULL,
     retain_handling INTEGER NOT NULL,
     identifier INTEGER,
     PRIMARY KEY (session, filter)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE messages (
     id INTEGER PRIMARY KEY,
     topic TEXT NOT NULL,
     qos INTEGER NOT NULL,
     retain INTEGER NOT NULL,
     expires_at_ms INTEGER,
     publisher TEXT,
     properties BLOB,
     payload BLOB NOT NULL
   ) STRICT;
   CREATE TABLE queue (
     session INTEGER NOT NULL,
     number INTEGER NOT NULL,
     message INTEGER NOT NULL,
     qos INTEGER NOT NULL,
     retain INTEGER NOT NULL,
     identifiers TEXT,
     shared TEXT,
     released INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (session, number)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE received (
     session INTEGER NOT NULL,
     identifier INTEGER NOT NULL,
     PRIMARY KEY (session, identifier)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE retained (
     topic TEXT PRIMARY KEY,
     qos INTEGER NOT NULL,
     expires_at_ms INTEGER,
     publisher TEXT,
     properties BLOB,
     payload BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE wills (
     client_id TEXT PRIMARY KEY,
     topic TEXT NOT NULL,
     qos INTEGER NOT NULL,
     retain INTEGER NOT NULL,
     delay_seconds INTEGER NOT NULL,
     properties TEXT,
     payload BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Most messages are in one queue only: the first one that a message is in stands in its own row,
  // which is half the work, and queue has the others.
  `ALTER TABLE messages ADD COLUMN session INTEGER;
   ALTER TABLE messages ADD COLUMN number INTEGER;
   ALTER TABLE messages ADD COLUMN entry_qos INTEGER;
   ALTER TABLE messages ADD COLUMN entry_retain INTEGER;
   ALTER TABLE messages ADD COLUMN identifiers TEXT;
   ALTER TABLE messages ADD COLUMN shared TEXT;
   ALTER TABLE messages ADD COLUMN released INTEGER;`,
];

export function toBrokerPath(folder: string): string {
  return join(folder, "broker.sqlite");
}

/** The open file; a folder or file that is missing is made. Throws `store_unusable`. */
export function openBrokerFile(folder: string, synchronous: "FULL" | "NORMAL"): Database {
  const path = toBrokerPath(folder);
  return openDatabase({ path, applicationId: APPLICATION_ID, steps: STEPS, synchronous });
}
