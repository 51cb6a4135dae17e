// A message on its way to the broker as the packet that mqtt-packet encodes. Called by outbox.ts,
// which numbers it when it is sent. Pure.

import type { IPublishPacket } from "mqtt-packet";
import type { OutgoingMessage } from "../topics/message.ts";

/** Its packet. MQTT 3.1.1 has no properties: there they are not encoded. */
export function toPublishPacket(message: OutgoingMessage): IPublishPacket {
  const { topic, payload, qos, retain, properties } = message;
  // A place-holder, for the check: the identifier is given when it is sent.
  const messageId = 1;
  const packet: IPublishPacket = {
    cmd: "publish",
    topic,
    payload,
    qos,
    retain,
    dup: false,
    messageId,
  };
  if (properties) packet.properties = properties as NonNullable<IPublishPacket["properties"]>;
  return packet;
}
