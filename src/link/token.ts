// The bridge's token on a publish: the MQTT 5 user property `token`. Pure.

import type { OutgoingMessage } from "../topics/message.ts";

/** The message with a token, unless it brings one itself or there is none. */
export function addToken(message: OutgoingMessage, token: string | undefined): OutgoingMessage {
  if (token === undefined) return message;
  const { properties } = message;
  const userProperties = { token, ...properties?.userProperties };
  return { ...message, properties: { ...properties, userProperties } };
}
