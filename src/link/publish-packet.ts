// A message on its way to the broker as the packet that mqtt-packet encodes. Called by outbox.ts,
// which numbers it when it is sent. Pure.

import type { IPublishPacket } from "mqtt-packet";
import type { OutgoingMessage, UserPair } from "../topics/message.ts";

type Properties = NonNullable<IPublishPacket["properties"]>;

/** Its packet. MQTT 3.1.1 has no properties: there they are not encoded. */
export function toPublishPacket(message: OutgoingMessage): IPublishPacket {
  const { topic, payload, qos, retain, properties, userPairs } = message;
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
  if (properties) packet.properties = properties as Properties;
  if (userPairs) packet.properties = { ...properties, userProperties: toList(userPairs) };
  return packet;
}

// mqtt-packet writes a property that is a list once for each item: so each pair stands where it
// was [MQTT-3.3.2-18]. Its types do not know of it.
function toList(pairs: readonly UserPair[]): NonNullable<Properties["userProperties"]> {
  const list = pairs.map(([name, value]) => ({ [name]: value }));
  return list as unknown as NonNullable<Properties["userProperties"]>;
}
