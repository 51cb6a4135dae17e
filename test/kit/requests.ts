// Requests of a link under test, and the broker's part in them, packet by packet.

import type { IPublishPacket } from "mqtt-packet";
import type { LinkRequestOptions } from "../../src/link/requests.ts";
import { type TestLink, toMessage } from "./open-link.ts";
import type { ScriptedConnection } from "./scripted-broker.ts";
import { WAIT_TIMEOUT_MS } from "./waiting.ts";

export type Outcome = Promise<string>;

/** The text of the reply, or the code of the error. */
export function ask(
  opened: TestLink,
  text: string,
  more: Partial<LinkRequestOptions> = {},
): Outcome {
  return opened.link
    .request(toMessage(text), { timeoutMs: WAIT_TIMEOUT_MS, ...more })
    .then(({ payload }) => String(payload))
    .catch((error: { code: string }) => error.code);
}

/** Grants the next SUBSCRIBE; its filters. */
export async function grant(connection: ScriptedConnection, granted = 0): Promise<unknown> {
  const { messageId = 0, subscriptions } = await connection.next("subscribe");
  connection.send({ cmd: "suback", granted: subscriptions.map(() => granted), messageId });
  return subscriptions.map(({ topic, qos }) => ({ topic, qos }));
}

/** The next PUBLISH, acknowledged. */
export async function take(
  connection: ScriptedConnection,
  reasonCode = 0,
): Promise<IPublishPacket> {
  const packet = await connection.next("publish");
  connection.send({ cmd: "puback", messageId: packet.messageId ?? 0, reasonCode });
  return packet;
}

export function reply(
  connection: ScriptedConnection,
  topic: string,
  text: string,
  more: Partial<IPublishPacket> = {},
): void {
  const head = { cmd: "publish", qos: 0, dup: false, retain: false } as const;
  connection.send({ ...head, topic, payload: text, ...more });
}

export function answer(
  connection: ScriptedConnection,
  { properties }: IPublishPacket,
  text: string,
) {
  const { responseTopic = "", correlationData } = properties ?? {};
  reply(connection, responseTopic, text, {
    properties: correlationData ? { correlationData } : {},
  });
}
