// Dead letters as text for people. What a stranger has sent cannot move the cursor or fake a line.

import type { DeadLetterJson } from "../http/dead-letter-json.ts";
import { escapeControl, formatLocalTime } from "../lib/log.ts";

type Letter = DeadLetterJson;

const HEAD = ["id", "at", "handler", "topic", "code", "runs", "reason"];
const CELL_CHARACTERS_MAX = 40;
const REASON_CHARACTERS_MAX = 100;

/** One letter per line, under a head, in aligned columns. */
export function formatTable(letters: readonly Letter[]): string {
  const rows = letters.map((letter) => [
    String(letter.id),
    formatLocalTime(new Date(letter.at)),
    toCell(letter.handler),
    toCell(letter.topic),
    letter.code,
    String(letter.attempts),
    toCell(letter.reason, REASON_CHARACTERS_MAX),
  ]);
  return alignRows([HEAD, ...rows]);
}

/** All that is known of a letter: its facts, then payload and stack as they are. */
export function formatLetter(letter: Letter): string {
  const { payload, payload_bytes, payload_encoding, properties = {}, stack } = letter;
  const rows = [
    ["id", String(letter.id)],
    ["at", formatLocalTime(new Date(letter.at))],
    ["handler", letter.handler],
    ["topic", letter.topic],
    ["code", letter.code],
    ["reason", letter.reason],
    ...(letter.path ? [["path", letter.path]] : []),
    ["runs", String(letter.attempts)],
    ["redrives", String(letter.redrives)],
    ["received", formatLocalTime(new Date(letter.received_at))],
    ["QoS", `${letter.qos}${letter.retain ? ", retained" : ""}`],
    ...Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  const facts = alignRows(rows.map((row) => row.map(escapeControl)));
  const encoding = payload_encoding === "base64" ? ", as base64" : "";
  const bytes = `payload, ${payload_bytes} bytes${encoding}:\n${indent(payload)}`;
  return `${facts}\n${bytes}${stack === undefined ? "" : `\nstack:\n${indent(stack)}`}`;
}

function alignRows(rows: readonly string[][]): string {
  const columns = (rows[0] ?? []).map((_, at) => at);
  const widths = columns.map((at) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[at] ?? ""))),
  );
  const lines = rows.map((row) => {
    const cells = row.map(
      (cell, at) => cell + " ".repeat((widths[at] ?? 0) - Bun.stringWidth(cell)),
    );
    return cells.join("  ").trimEnd();
  });
  return `${lines.join("\n")}\n`;
}

function toCell(text: string, charactersMax = CELL_CHARACTERS_MAX): string {
  const shown = escapeControl(text);
  if (shown.length <= charactersMax) return shown;
  return `${shown.slice(0, charactersMax - 1).toWellFormed()}…`;
}

// Lines stay lines, but none of them can pass for one of ours.
function indent(text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  return `${lines.map((line) => `  ${escapeControl(line)}`.trimEnd()).join("\n")}\n`;
}
