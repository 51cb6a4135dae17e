// What the routes of /dead-letters take and answer: their types, and their part of the documents.
// Used by dead-letters-route.ts alone.

import { Type } from "@sinclair/typebox";
import type { DeadLetterJson } from "./dead-letter-json.ts";
import { looseQuery, problems, queryInteger, queryText } from "./route-schemas.ts";

export const LETTERS_LIMIT = 100;
export const LETTERS_LIMIT_MAX = 1_000;

const optionalText = (description?: string) => {
  return Type.Optional(Type.String(description === undefined ? {} : { description }));
};
const time = (description: string) => Type.String({ format: "date-time", description });
const number = (description: string) => Type.Integer({ description });

// A clock that was far off gives a number in place of a time; and `properties` is what MQTT has.
const LETTER = Type.Unsafe<DeadLetterJson>(
  Type.Object({
    id: number("of the letter"),
    at: time("when it was put there"),
    handler: Type.String({ description: "which one failed" }),
    topic: Type.String(),
    qos: number("of the message"),
    retain: Type.Boolean(),
    properties: Type.Optional(
      Type.Object({}, { additionalProperties: true, description: "as POST /publish takes them" }),
    ),
    received_at: time("when the message came"),
    code: Type.String({ description: "of the error" }),
    reason: Type.String(),
    path: optionalText("JSON pointer to the wrong field of the payload"),
    attempts: number("how often the handler ran"),
    redrives: number("how often it was handled again, in vain"),
    payload_bytes: number("of the whole payload"),
    payload: Type.String(),
    payload_encoding: Type.Union([Type.Literal("plain"), Type.Literal("base64")]),
    payload_cut: Type.Optional(Type.Literal(true, { description: "only its beginning is here" })),
    stack: optionalText("only of a letter that is shown whole"),
  }),
);

const ONE = Type.Object({
  id: Type.String({ description: "of the letter, a number", examples: ["1"] }),
});
const HANDLER = { description: "only those of this handler", examples: ["devices-update"] };
const UNSAVED = ["handler_unknown", "store_failed", "link_closed"] as const;

export const LIST = {
  query: looseQuery({
    limit: queryInteger({
      description: "so many at most",
      minimum: 1,
      maximum: LETTERS_LIMIT_MAX,
      default: LETTERS_LIMIT,
    }),
    before: queryInteger({
      description: "older ones than the letter with this id: the next page",
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    handler: queryText(HANDLER),
    topic: queryText({ description: "only topics of this filter", examples: ["devices/#"] }),
  }),
  detail: {
    operationId: "listDeadLetters",
    summary: "Messages that could not be handled",
    description: "The newest first; of large payloads only the beginning.",
    tags: ["handlers"],
  },
  response: {
    200: Type.Object({
      dead_letters: Type.Array(LETTER),
      total: number("of all that are kept"),
      bytes: number("that they take"),
      dropped: number("those that were given up for want of room, or of age"),
    }),
    ...problems("query_invalid", "store_failed"),
  },
};

export const PURGE = {
  query: looseQuery({
    handler: queryText(HANDLER),
    before: queryText({
      description: "only those put there before this time",
      examples: ["2026-01-31T12:00:00Z"],
    }),
  }),
  detail: {
    operationId: "purgeDeadLetters",
    summary: "Forget them all",
    description: "Those that the query names, or all without one. There is no way back.",
    tags: ["handlers"],
  },
  response: {
    200: Type.Object({ purged: number("how many are gone") }),
    ...problems("query_invalid", "store_failed"),
  },
};

export const SHOW = {
  params: ONE,
  detail: {
    operationId: "getDeadLetter",
    summary: "One of them, whole",
    description: "With its whole payload, its properties and the stack of the failure.",
    tags: ["handlers"],
  },
  response: { 200: LETTER, ...problems("dead_letter_unknown", "store_failed") },
};

export const FORGET = {
  params: ONE,
  detail: {
    operationId: "forgetDeadLetter",
    summary: "Forget one",
    description: "It is deleted, and not handled again.",
    tags: ["handlers"],
  },
  response: {
    204: Type.Void({ description: "it is gone" }),
    ...problems("dead_letter_unknown", "store_failed"),
  },
};

export const REDRIVE = {
  params: ONE,
  detail: {
    operationId: "redriveDeadLetter",
    summary: "Run its handler again",
    description: "Answers when the handler is done. The message is not published again.",
    tags: ["handlers"],
  },
  response: {
    200: Type.Object({ id: number("of the letter"), status: Type.Literal("handled") }),
    ...problems(
      "dead_letter_unknown",
      "payload_invalid",
      "handler_failed",
      "handler_timeout",
      "handler_loop",
      ...UNSAVED,
    ),
  },
};

export const REDRIVE_ALL = {
  query: looseQuery({ handler: queryText(HANDLER) }),
  detail: {
    operationId: "redriveDeadLetters",
    summary: "Run the handlers of all again",
    description: "One letter after the other, the oldest first.",
    tags: ["handlers"],
  },
  response: {
    200: Type.Object({ handled: number("letters"), failed: number("that are still there") }),
    ...problems("query_invalid", "store_failed", "link_closed"),
  },
};
