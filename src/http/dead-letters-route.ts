// /dead-letters: what could not be handled, to be read, handled again or deleted. To handle again
// is to run the handler that failed: the message is not published, and no other subscriber gets it
// twice.

import { Elysia } from "elysia";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { DeadLetter, DeadLetters } from "../store/dead-letters.ts";
import { parseFilter } from "../topics/pattern.ts";
import { callerOf } from "./caller.ts";
import { LISTED_PAYLOAD_BYTES_MAX, toListedJson, toWholeJson } from "./dead-letter-json.ts";
import {
  FORGET,
  LETTERS_LIMIT,
  LETTERS_LIMIT_MAX,
  LIST,
  PURGE,
  REDRIVE,
  REDRIVE_ALL,
  SHOW,
} from "./dead-letter-schemas.ts";
import { readQuery, toQueryInvalid } from "./query.ts";
import { type Redrive, redriveEach } from "./redriving.ts";
import { readDateTime } from "./time-text.ts";

/** Letters that one request handles again, oldest first. */
const REDRIVES_MAX = 100_000;
const PATH = "/dead-letters";

/**
 * GET and DELETE /dead-letters and /dead-letters/<id>; POST /dead-letters/<id>/redrive and
 * /dead-letters/redrive. Answers `dead_letter_unknown`, `query_invalid`, `store_failed`, and what
 * `redrive` rejects with.
 */
export function deadLettersRoute(store: DeadLetters, redrive: Redrive) {
  return new Elysia()
    .get(PATH, ({ request }) => listLetters(store, request), LIST)
    .delete(
      PATH,
      ({ request }) => {
        callerOf(request).check("admin");
        return { purged: store.purge(readPurge(request)) };
      },
      PURGE,
    )
    .get(`${PATH}/:id`, ({ params, request }) => showLetter(store, params.id, request), SHOW)
    .delete(
      `${PATH}/:id`,
      ({ params, request }) => {
        callerOf(request).check("admin");
        const id = readId(params.id);
        if (!store.remove(id)) throw new ViadutoError("dead_letter_unknown", { id });
        return new Response(null, { status: 204 });
      },
      FORGET,
    )
    .post(
      `${PATH}/:id/redrive`,
      async ({ params, request }) => {
        callerOf(request).check("admin");
        const id = readId(params.id);
        await redrive(id);
        return { id, status: "handled" as const };
      },
      REDRIVE,
    )
    .post(
      `${PATH}/redrive`,
      ({ request }) => {
        callerOf(request).check("admin");
        const handler = readQuery(request, ["handler"]).text("handler");
        const ids = store.listIds({ handler, limit: REDRIVES_MAX });
        return redriveEach(redrive, ids, request.signal);
      },
      REDRIVE_ALL,
    );
}

function showLetter(store: DeadLetters, id: string, request: Request) {
  const letter = readLetter(store, id);
  callerOf(request).check("read", letter.message.topic);
  return toWholeJson(letter);
}

function listLetters(store: DeadLetters, request: Request) {
  const caller = callerOf(request);
  caller.check("read");
  const query = readQuery(request, ["limit", "before", "handler", "topic"]);
  const letters = store.list({
    limit: query.integer("limit", 1, LETTERS_LIMIT_MAX) ?? LETTERS_LIMIT,
    beforeId: query.integer("before", 1, Number.MAX_SAFE_INTEGER),
    handler: query.text("handler"),
    topic: checkFilter(query.text("topic")),
    isShown: (topic) => caller.may("read", topic),
    payloadBytesMax: LISTED_PAYLOAD_BYTES_MAX,
  });
  return {
    dead_letters: letters.map(toListedJson),
    total: store.size,
    bytes: store.bytes,
    dropped: store.dropped,
  };
}

function checkFilter(topic: string | undefined): string | undefined {
  try {
    if (topic !== undefined) parseFilter(topic);
    return topic;
  } catch (error) {
    throw toQueryInvalid("topic", toReason(error));
  }
}

function readPurge(request: Request) {
  const query = readQuery(request, ["handler", "before"]);
  return { handler: query.text("handler"), beforeMs: parseTime("before", query.text("before")) };
}

function parseTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = readDateTime(text);
  if (!Number.isNaN(ms)) return ms;
  throw toQueryInvalid(name, "expected a time such as 2026-01-31T12:00:00Z");
}

function readLetter(store: DeadLetters, text: string): DeadLetter {
  const id = readId(text);
  const letter = store.get(id);
  if (!letter) throw new ViadutoError("dead_letter_unknown", { id });
  return letter;
}

// What is no number is the id of no letter.
function readId(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (id === undefined) throw new ViadutoError("dead_letter_unknown", { id: text });
  return id;
}
