// Which clients the table shows, in which order. Pure.

import type { ClientJson } from "./broker-answers.ts";

export type SortKey =
  | "id"
  | "address"
  | "version"
  | "connectedAt"
  | "filters"
  | "queue"
  | "leftOut";
export type Sorting = { readonly key: SortKey; readonly isDown: boolean };

const VALUES: Readonly<Record<SortKey, (client: ClientJson) => string | number>> = {
  id: (client) => client.client_id,
  address: (client) => client.address,
  version: (client) => client.version,
  connectedAt: (client) => Date.parse(client.connected_at),
  filters: (client) => client.subscription_count,
  queue: (client) => client.queued,
  leftOut: (client) => client.left_out,
};

/** Those in which the text occurs, whatever its case: in id, user, address or a filter. */
export function chooseClients(
  clients: readonly ClientJson[],
  text: string,
  { key, isDown }: Sorting,
): readonly ClientJson[] {
  const wanted = text.trim().toLowerCase();
  const found = wanted === "" ? [...clients] : clients.filter((one) => hasText(one, wanted));
  const read = VALUES[key];
  const turn = isDown ? -1 : 1;
  // The id decides between equals, so that rows stay where they are.
  return found.sort((one, other) => {
    return turn * compare(read(one), read(other)) || compare(one.client_id, other.client_id);
  });
}

function hasText(client: ClientJson, wanted: string): boolean {
  const { client_id, username = "", address, subscriptions } = client;
  return [client_id, username, address, ...subscriptions].some((text) => {
    return text.toLowerCase().includes(wanted);
  });
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}
