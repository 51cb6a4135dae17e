// The file of the dead letters. Called by dead-letters alone.

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { IN_MEMORY, openDatabase } from "./database-file.ts";

/** "Vdct" */
const APPLICATION_ID = 0x56646374;

/** The payload stands last, since what is before it is read without it. */
const STEPS: readonly string[] = [
  `CREATE TABLE dead_letters (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms INTEGER NOT NULL,
     handler TEXT NOT NULL,
     topic TEXT NOT NULL,
     payload_bytes INTEGER NOT NULL,
     qos INTEGER NOT NULL,
     retain INTEGER NOT NULL,
     duplicate INTEGER NOT NULL,
     received_at_ms INTEGER NOT NULL,
     code TEXT NOT NULL,
     reason TEXT NOT NULL,
     path TEXT,
     attempts INTEGER NOT NULL,
     redrives INTEGER NOT NULL DEFAULT 0,
     stack TEXT,
     properties TEXT,
     payload BLOB NOT NULL
   ) STRICT;
   CREATE INDEX dead_letters_by_handler ON dead_letters (handler);
   CREATE TABLE totals (letters INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
   INSERT INTO totals VALUES (0, 0);
   CREATE TRIGGER dead_letter_comes AFTER INSERT ON dead_letters BEGIN
     UPDATE totals SET letters = letters + 1, bytes = bytes + NEW.payload_bytes;
   END;
   CREATE TRIGGER dead_letter_goes AFTER DELETE ON dead_letters BEGIN
     UPDATE totals SET letters = letters - 1, bytes = bytes - OLD.payload_bytes;
   END;`,
];

/** Where the dead letters of a data folder are. */
export function toDeadLettersPath(folder: string): string {
  return folder === IN_MEMORY ? IN_MEMORY : join(folder, "dead-letters.sqlite");
}

/** The open file; a folder or file that is missing is made. Throws `store_unusable`. */
export function openDeadLettersFile(folder: string): Database {
  const path = toDeadLettersPath(folder);
  return openDatabase({ path, applicationId: APPLICATION_ID, steps: STEPS });
}
