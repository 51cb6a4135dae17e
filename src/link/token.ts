// The bridge's token on a publish: the MQTT 5 user property `token`. Pure.

import type { OutgoingMessage } from "../topics/message.ts";

/** The message with a token, unless it brings one itself or there is none. */
export function addToken(message: OutgoingMessage, token: string | undefined): OutgoingMessage {
  if (token === undefined) return message;
  const { properties, userPairs } = message;
  const userProperties = { token, ...properties?.userProperties };
  const withToken = { ...message, properties: { ...properties, userProperties } };
  if (!userPairs || userPairs.some(([name]) => name === "token")) return withToken;
  return { ...withToken, userPairs: [["token", token], ...userPairs] };
}
