// A link under test, with its log, on brokers of this machine.

import { createLogger } from "../../src/lib/log.ts";
import { Link } from "../../src/link/link.ts";
import type { LinkOptions } from "../../src/link/link-options.ts";
import { createTarget } from "../../src/link/target.ts";
import type { OutgoingMessage } from "../../src/topics/message.ts";
import { createLogLines } from "./log-lines.ts";

export type TestLink = AsyncDisposable & {
  readonly link: Link;
  readonly lines: readonly string[];
  waitForLine(pattern: RegExp): Promise<string>;
};

type Options = Partial<LinkOptions> & { readonly ports?: readonly number[] };

/** A link to 127.0.0.1 that subscribes to `in/#`; anything can be set otherwise. */
export function openLink({ ports = [], ...options }: Options): TestLink {
  const { writer, lines, waitForLine } = createLogLines();
  const targets = ports.map((port) =>
    createTarget(
      { protocol: "mqtt", host: "127.0.0.1", port, path: "", label: `mqtt://127.0.0.1:${port}` },
      { insecure: false },
    ),
  );
  const link = Link.open({
    targets: targets as unknown as LinkOptions["targets"],
    subscriptions: [{ filter: "in/#", qos: 2, retained: "send" }],
    origin: "",
    clientId: "link",
    token: undefined,
    version: 5,
    sessionExpirySeconds: 60,
    connectTimeoutMs: 2_000,
    payloadBytesMax: 1 << 20,
    packetBytesMax: 2 << 20,
    inboxMessagesMax: 1_000,
    outboxMessagesMax: 1_000,
    outboxBytesMax: 1 << 20,
    sendWindow: 100,
    flushTimeoutMs: 100,
    log: createLogger({ name: "Link", level: "debug", format: "text", colour: false, writer }),
    ...options,
  });
  return {
    link,
    lines,
    waitForLine,
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

/** A message on the topic `out`, QoS 1 unless told otherwise. */
export function toMessage(text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { topic: "out", payload: Buffer.from(text), qos: 1, retain: false, ...more };
}
