// Log lines: text for people, JSON for machines. Anyone may log; nobody ever waits for it.

import { joinSentences, toReason, ViadutoError } from "./errors.ts";
import type { LineWriter } from "./line-writer.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "text" | "json";
type Fields = Readonly<Record<string, unknown>>;

/** A function is only called when the line is shown at all. */
type Words = string | (() => string);

export type Logger = {
  debug(message: Words, fields?: Fields): void;
  info(message: Words, fields?: Fields): void;
  warn(message: Words, fields?: Fields): void;
  error(message: Words, fields?: Fields): void;
  /** An error of the catalogue: what happened, then what to do now. */
  problem(level: "warn" | "error", thrown: unknown): void;
  /** The same log under another name. */
  named(name: string): Logger;
};

export type LogOptions = {
  readonly name: string;
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly colour: boolean;
  readonly writer: LineWriter;
};

/** Longest message of one line, in characters; the rest is cut and counted. */
const MESSAGE_CHARACTERS_MAX = 2_000;
const COLOURS = { debug: 90, info: 36, warn: 33, error: 31 } as const satisfies Record<
  LogLevel,
  number
>;

/** A log whose lines go to the writer; what is below the level costs no more than the call. */
export function createLogger(options: LogOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const toLine = options.format === "json" ? toJsonLine : toTextLine;

  function log(level: LogLevel, words: Words, fields: Fields = {}): void {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const message = typeof words === "string" ? words : words();
    options.writer.write(toLine(options, level, cut(message), fields));
  }
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    problem(level, thrown) {
      if (!(thrown instanceof ViadutoError)) return log(level, toReason(thrown));
      log(level, joinSentences(thrown.message, thrown.hint), { code: thrown.code });
    },
    named: (name) => createLogger({ ...options, name }),
  };
}

/** The same log, with these fields in each of its lines. */
export function withFields(log: Logger, common: Fields): Logger {
  const add = (fields?: Fields) => ({ ...common, ...fields });
  return {
    debug: (message, fields) => log.debug(message, add(fields)),
    info: (message, fields) => log.info(message, add(fields)),
    warn: (message, fields) => log.warn(message, add(fields)),
    error: (message, fields) => log.error(message, add(fields)),
    problem(level, thrown) {
      if (!(thrown instanceof ViadutoError)) return log[level](toReason(thrown), common);
      const { message, hint, code } = thrown;
      log[level](joinSentences(message, hint), add({ code }));
    },
    named: (name) => withFields(log.named(name), common),
  };
}

/** `2025-11-30 10:12:33`, in the machine's time zone. */
export function formatLocalTime(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/**
 * Text from a stranger, safe for a terminal: control characters, which could move the cursor or
 * fake a line, become `\u001b` and the like.
 */
export function escapeControl(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}

function toTextLine(options: LogOptions, level: LogLevel, message: string): string {
  const word = level.toUpperCase();
  const shown = options.colour ? `\u001b[${COLOURS[level]}m${word}\u001b[0m` : word;
  return `${formatLocalTime(new Date())} - ${options.name} - ${shown} - ${escapeControl(message)}`;
}

function toJsonLine(options: LogOptions, level: LogLevel, message: string, fields: Fields): string {
  const head = { time: new Date().toISOString(), level, name: options.name, message };
  return JSON.stringify({ ...head, ...fields, ...head }); // In this order, and no field hides it.
}

function cut(message: string): string {
  if (message.length <= MESSAGE_CHARACTERS_MAX) return message;
  // Not between the two halves of a character.
  const isPair = (message.codePointAt(MESSAGE_CHARACTERS_MAX - 1) ?? 0) > 0xffff;
  const end = isPair ? MESSAGE_CHARACTERS_MAX - 1 : MESSAGE_CHARACTERS_MAX;
  return `${message.slice(0, end)}… (${message.length - end} more characters)`;
}
