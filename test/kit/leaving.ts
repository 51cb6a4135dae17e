// How clients leave the embedded broker: each of these resolves when the broker has seen it.

import type { EmbeddedBroker } from "./embedded-broker.ts";
import type { RawClient } from "./raw-client.ts";

/** Says DISCONNECT; `more` is what MQTT 5 may say with it. */
export async function leave(
  broker: EmbeddedBroker,
  client: RawClient,
  id: string,
  more: { readonly reasonCode?: number; readonly properties?: object } = {},
): Promise<void> {
  const seen = broker.logLines.length;
  client.sendPacket({ cmd: "disconnect", ...more });
  await broker.waitForLog(new RegExp(`'${id}' left`), seen);
}

/** Goes without a word. */
export async function crash(broker: EmbeddedBroker, client: RawClient, id: string): Promise<void> {
  const seen = broker.logLines.length;
  client.destroy();
  await broker.waitForLog(new RegExp(`'${id}' left`), seen);
}
