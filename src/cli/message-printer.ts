// Prints messages as they come, until there were enough. A message is acknowledged when it is
// printed, and not before: what the reader did not get, the broker still has.

import type { Connection, ConnectionOptions, IncomingPublish } from "../link/connection.ts";
import { matchPattern, type Pattern } from "../topics/pattern.ts";
import { writeOutput } from "./blocking-output.ts";
import type { Say } from "./diagnostics.ts";
import type { Format } from "./message-format.ts";

export type PrinterOptions = {
  /** Topics that are not printed. */
  readonly excluded: readonly Pattern[];
  /** Whether messages that the broker had retained are printed. */
  readonly retained: "all" | "none" | "only";
  readonly countMax: number | undefined;
  readonly format: Format;
};

type MessagePrinter = {
  readonly onPacket: ConnectionOptions["onPacket"];
  /** Resolves when no more is to be printed; rejects when the output cannot be written. */
  readonly ended: Promise<void>;
  readonly printed: () => number;
};

/** A printer that gives each message to `format`, acknowledges it, and counts what it printed. */
export function createMessagePrinter(options: PrinterOptions, say: Say): MessagePrinter {
  const { excluded, retained, countMax, format } = options;
  const ended = Promise.withResolvers<void>();
  let isEnded = false;
  let printed = 0;

  const end = () => {
    isEnded = true;
    ended.resolve();
  };

  /** Whether the message has been dealt with. */
  function print(packet: IncomingPublish): boolean {
    if (retained === "only" && !packet.retain) {
      end();
      return false;
    }
    if (retained === "none" && packet.retain) return true;
    if (excluded.some((pattern) => matchPattern(pattern, packet.topic))) return true;
    if (!writeOutput(format(packet))) {
      // As in `| head -1`: whoever read has seen enough.
      end();
      return false;
    }
    printed += 1;
    if (printed === countMax) end();
    return true;
  }

  return {
    ended: ended.promise,
    printed: () => printed,
    onPacket(packet, connection) {
      if (packet.cmd !== "publish" || isEnded) return;
      // mqtt-packet reads payloads as buffers.
      const message = packet as IncomingPublish;
      say(describe(message));
      try {
        if (print(message)) acknowledge(message, connection);
      } catch (thrown) {
        isEnded = true;
        ended.reject(thrown);
      }
    },
  };
}

function acknowledge({ qos, messageId = 0 }: IncomingPublish, connection: Connection): void {
  if (qos > 0) connection.acknowledge(qos === 1 ? "puback" : "pubrec", messageId);
}

function describe({ topic, qos, retain, payload }: IncomingPublish): string {
  return `received: '${topic}', QoS ${qos}, ${payload.length} bytes${retain ? ", retained" : ""}`;
}
