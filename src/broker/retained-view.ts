// The retained messages, for who asks the broker in this process: HTTP, by way of broker.ts. It
// reads, and changes nothing.

import { parser } from "mqtt-packet";
import type { MessageProperties } from "../topics/message.ts";
import type { RetainedMessage } from "../topics/retained-message.ts";
import type { Publication } from "./publication.ts";
import { buildFrame } from "./publish-frame.ts";
import type { RetainedMessages } from "./retained-messages.ts";

export type RetainedView = {
  /** The topics that a filter matches, in no order; those with $ not by a wildcard. */
  find(filter: string): readonly string[];
  /** The message of a topic; undefined when it has none, or its time is over. */
  get(topic: string): RetainedMessage | undefined;
};

const NO_PAYLOAD = Buffer.alloc(0);

export function createRetainedView(retained: RetainedMessages): RetainedView {
  return {
    find: (filter) => [...new Set(retained.find(filter))],
    get(topic) {
      const publication = retained.get(topic);
      if (!publication) return undefined;
      const { payload, qos } = publication;
      return { topic, payload, qos, properties: readProperties(publication) };
    },
  };
}

// As a subscriber would get them, with what is left of the expiry: what came from the disk has them
// as bytes alone.
function readProperties(publication: Publication): MessageProperties | undefined {
  const { encodedProperties, expiresAtMs } = publication;
  if (encodedProperties.length === 0 && expiresAtMs === Number.POSITIVE_INFINITY) return undefined;
  const content = { topic: "t", payload: NO_PAYLOAD, encodedProperties, expiresAtMs };
  const shape = { version: 5, qos: 0, retain: true, duplicate: false } as const;
  let properties: MessageProperties | undefined;
  const reader = parser({ protocolVersion: 5 });
  reader.on("packet", (packet) => {
    if (packet.cmd === "publish") properties = packet.properties as MessageProperties;
  });
  reader.parse(buildFrame(content, shape).bytes);
  return properties;
}
