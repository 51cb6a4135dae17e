// The table of the clients. On a narrow screen each row becomes a card: every cell says there what
// it is, by its data-name.

import { showMarks } from "../parts/visible-marks.ts";
import { formatAge, formatBytes, formatNumber } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { ClientJson } from "./broker-answers.ts";
import type { Sorting, SortKey } from "./client-sorting.ts";

export type ClientTableProps = {
  readonly rows: readonly ClientJson[];
  readonly sorting: Sorting;
  readonly nowMs: number;
  readonly onSort: (key: SortKey) => void;
  readonly onShow: (client: ClientJson) => void;
};

const COLUMNS = [
  ["id", "broker.clientId"],
  ["address", "broker.address"],
  ["version", "broker.version"],
  ["connectedAt", "broker.connectedAt"],
  ["filters", "broker.clientFilters"],
  ["queue", "broker.queue"],
  ["leftOut", "broker.leftOut"],
] as const satisfies readonly (readonly [SortKey, string])[];

export function ClientTable({ rows, sorting, nowMs, onSort, onShow }: ClientTableProps) {
  return (
    <table class="clients">
      <thead>
        <tr>
          {COLUMNS.map(([key, words]) => (
            <th key={key} scope="col" aria-sort={toSort(key, sorting)}>
              <button type="button" class="quiet" onClick={() => onSort(key)}>
                {say(words)}
                <span aria-hidden="true">{toMark(key, sorting)}</span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((client) => (
          <Row key={client.client_id} client={client} nowMs={nowMs} onShow={onShow} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Pick<ClientTableProps, "nowMs" | "onShow"> & { readonly client: ClientJson };

function Row({ client, nowMs, onShow }: RowProps) {
  const { queued, queued_bytes: bytes } = client;
  const queue = queued === 0 ? "0" : `${formatNumber(queued)} (${formatBytes(bytes)})`;
  return (
    <tr>
      <th scope="row">
        <button type="button" class="quiet id" onClick={() => onShow(client)}>
          <bdi>{showMarks(client.client_id)}</bdi>
        </button>
      </th>
      <td data-name={say("broker.address")}>
        <bdi>{client.address}</bdi> <span class="badge">{client.door}</span>
      </td>
      <td data-name={say("broker.version")}>{client.version}</td>
      <td data-name={say("broker.connectedAt")}>
        {formatAge(nowMs - Date.parse(client.connected_at))}
      </td>
      <td data-name={say("broker.clientFilters")}>{formatNumber(client.subscription_count)}</td>
      <td data-name={say("broker.queue")}>{queue}</td>
      <td data-name={say("broker.leftOut")}>{formatNumber(client.left_out)}</td>
    </tr>
  );
}

function toSort(key: SortKey, sorting: Sorting): "ascending" | "descending" | "none" {
  if (key !== sorting.key) return "none";
  return sorting.isDown ? "descending" : "ascending";
}

function toMark(key: SortKey, sorting: Sorting): string {
  if (key !== sorting.key) return "";
  return sorting.isDown ? " ↓" : " ↑";
}
