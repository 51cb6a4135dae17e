// Who is connected to the embedded broker: a table that can be searched and sorted; a click shows
// one client whole. The ids are what strangers chose: text, and nothing else.

import { useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { useLoginWords } from "../parts/login-words.ts";
import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { say } from "../words/words.ts";
import type { ClientJson, ClientsJson, EmbeddedJson } from "./broker-answers.ts";
import type { BrokerPolling } from "./broker-polling.ts";
import { ClientDialog } from "./client-dialog.tsx";
import { chooseClients, type Sorting, type SortKey } from "./client-sorting.ts";
import { ClientTable } from "./client-table.tsx";

export type ClientSectionProps = {
  readonly live: Live;
  readonly polling: BrokerPolling;
  readonly listeners: EmbeddedJson["listeners"];
};

/** Rows of the table: beyond it, search is faster than scrolling. */
const SHOWN_MAX = 200;

export function ClientSection({ live, polling, listeners }: ClientSectionProps) {
  const [shown, show] = useState<ClientJson | undefined>(undefined);
  const clients = polling.clients.value;
  return (
    <section>
      <h2>{say("broker.clients")}</h2>
      {!live.access.may("admin") && <p class="soft">{say("broker.clientsAdmin")}</p>}
      {clients?.total === 0 && <Nobody live={live} listeners={listeners} />}
      {clients !== undefined && clients.total > 0 && (
        <Clients clients={clients} polling={polling} nowMs={live.now.value} onShow={show} />
      )}
      <ClientDialog
        live={live}
        client={shown}
        onClose={() => show(undefined)}
        onDisconnected={polling.refresh}
      />
    </section>
  );
}

function Nobody({ live, listeners }: Pick<ClientSectionProps, "live" | "listeners">) {
  const login = useLoginWords(live);
  const address = listeners.find(({ door }) => door === "tcp")?.address;
  if (address === undefined || !URL.canParse(address)) return null;
  const { hostname, port } = new URL(address);
  // Where it listens everywhere, the page's own host is one that can be reached.
  const isEverywhere = hostname === "0.0.0.0" || hostname === "[::]";
  const host = isEverywhere ? location.hostname : hostname;
  return (
    <>
      <p>{say("broker.noClients")}</p>
      <CopyLine
        text={`mosquitto_sub -h ${host} -p ${port}${login} -t '#' -v`}
        label="mosquitto_sub"
      />
    </>
  );
}

type ClientsProps = {
  readonly clients: ClientsJson;
  readonly polling: BrokerPolling;
  readonly nowMs: number;
  readonly onShow: (client: ClientJson) => void;
};

function Clients({ clients: { clients, total }, polling, nowMs, onShow }: ClientsProps) {
  const [text, setText] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ key: "connectedAt", isDown: true });
  const found = chooseClients(clients, text, sorting);
  const rows = found.slice(0, SHOWN_MAX);
  const left = text === "" ? total - rows.length : found.length - rows.length;
  const search = (value: string) => {
    setText(value);
    const isSearching = value !== "";
    if (isSearching === polling.isSearching.value) return;
    polling.isSearching.value = isSearching;
    void polling.refresh();
  };
  const sort = (key: SortKey) => {
    setSorting({ key, isDown: key === sorting.key ? !sorting.isDown : key !== "id" });
  };
  return (
    <>
      <div class="client-search">
        <input
          type="search"
          value={text}
          aria-label={say("broker.search")}
          placeholder={say("broker.search")}
          onInput={(event) => search(event.currentTarget.value)}
          {...SEARCH_FIELD}
        />
        <span class="soft" role="status">
          {say("broker.shown", { shown: rows.length, total })}
        </span>
      </div>
      {rows.length === 0 && <p>{say("broker.noClientsFound", { text })}</p>}
      {rows.length > 0 && (
        <ClientTable {...{ rows, sorting, nowMs }} onSort={sort} onShow={onShow} />
      )}
      {left > 0 && <p class="soft">{say("broker.more", { count: left })}</p>}
    </>
  );
}
