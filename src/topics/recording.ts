// Recorded messages: one JSON object per line (NDJSON). Pure.
//
// { "time": "2026-11-22T10:12:33.120Z", "topic": "a/b", "payload": "…",
//   "payload_encoding": "base64", "qos": 1, "retain": false }
//
// All but the topic may be absent; a payload that is no text is sent as JSON. The time is for who
// reads the file.

import { toReason, ViadutoError } from "../lib/errors.ts";
import type { OutgoingMessage, QoS } from "./message.ts";
import { checkTopic } from "./pattern.ts";

/** The messages of a recording. `file` is named in `file_unreadable`, with the line. */
export function parseRecording(text: string, file: string): OutgoingMessage[] {
  return text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    try {
      return [parseLine(line)];
    } catch (cause) {
      const place = `${file}:${at + 1}`;
      throw new ViadutoError(
        "file_unreadable",
        { file: place, reason: toReason(cause) },
        { cause },
      );
    }
  });
}

function parseLine(line: string): OutgoingMessage {
  const { topic, payload, payload_encoding, qos = 0, retain = false } = JSON.parse(line);
  if (typeof topic !== "string") throw new Error("it has no topic");
  checkTopic(topic);
  if (![0, 1, 2].includes(qos)) throw new Error(`its qos is ${qos}`);
  const text = typeof payload === "string" ? payload : JSON.stringify(payload ?? "");
  const encoding = payload_encoding === "base64" ? "base64" : "utf8";
  return {
    topic,
    payload: Buffer.from(text, encoding),
    qos: qos as QoS,
    retain: retain === true,
  };
}
