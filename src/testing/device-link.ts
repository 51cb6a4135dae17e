// The device of the test kit: a second client of the embedded broker, over a pipe of its own.

import type { Bridge } from "../app/bridge.ts";
import { toLinkOptions } from "../app/link-settings.ts";
import type { Settings } from "../config/read.ts";
import { OnTheWay } from "../handlers/on-the-way.ts";
import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { Link } from "../link/link.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import type { SeenMessages } from "./seen-messages.ts";

export type DeviceLink = AsyncDisposable & {
  readonly link: Link;
  /** Publishes; what the device sent itself is not among what it has seen. */
  send(message: OutgoingMessage): Promise<PublishResult>;
};

const EVERYTHING = { filter: "#", qos: 1, retained: "send" } as const;

/** A connected device that puts whatever it receives into `seen`. */
export async function openDevice(
  { broker }: Bridge,
  settings: Settings,
  log: Logger,
  seen: SeenMessages,
): Promise<DeviceLink> {
  if (!broker) throw new ViadutoError("internal", { reason: "the test kit has its own broker" });
  const target = { label: "the embedded broker", open: () => broker.connect() };
  const own = new OnTheWay<true>();
  const options = toLinkOptions(settings, [target], [EVERYTHING], log.named("Device"));
  const link = Link.open({ ...options, clientId: "device", group: undefined });
  const reading = (async () => {
    for await (const { message, done } of link.messages()) {
      if (own.take(message) === undefined) seen.add(message);
      done();
    }
  })();
  await link.connected();
  return {
    link,
    send(message) {
      own.add(message, true);
      return link.publish(message);
    },
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await reading;
    },
  };
}
