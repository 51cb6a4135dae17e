// A bridge with clients, and what its HTTP side says of them.

import { expect } from "bun:test";
import { type Bridge, startBridge } from "./bridge.ts";
import { connectPacket, connectRaw, type ProtocolVersion, type RawClient } from "./raw-client.ts";

export type ClientJson = { readonly client_id: string } & Readonly<Record<string, unknown>>;
export type ClientsJson = { readonly clients: readonly ClientJson[]; readonly total: number };

export type ClientsBridge = AsyncDisposable & {
  readonly bridge: Bridge;
  /** Asks for what is below /clients, as written. */
  ask(path: string, method?: string): Promise<Response>;
  list(query?: string): Promise<ClientsJson>;
  find(id: string): Promise<ClientJson>;
  /** A client that was accepted. */
  enter(id: string, more?: object, version?: ProtocolVersion): Promise<RawClient>;
};

export async function startClientsBridge(flags: readonly string[] = []): Promise<ClientsBridge> {
  const bridge = await startBridge({ flags });
  const ask = (path: string, method = "GET") => fetch(`${bridge.url}/clients${path}`, { method });
  return {
    bridge,
    ask,
    list: async (query = "") => (await (await ask(query)).json()) as ClientsJson,
    find: async (id) => (await (await ask(`/${encodeURIComponent(id)}`)).json()) as ClientJson,
    async enter(id, more = {}, version = 5) {
      const client = await connectRaw(bridge.mqttPort, { version });
      client.sendPacket(connectPacket(version, id, more));
      const { reasonCode = 0, returnCode = 0 } = await client.next("connack");
      expect(reasonCode + returnCode).toBe(0);
      return client;
    },
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}

export function idsOf({ clients }: ClientsJson): string[] {
  return clients.map(({ client_id }) => client_id);
}
