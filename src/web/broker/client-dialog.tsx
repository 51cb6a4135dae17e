// One client whole, in a dialog, with all its filters, and the button that disconnects it: it asks
// first, in the same dialog.

import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { ProblemError } from "../live/problem-error.ts";
import { Dialog } from "../parts/dialog.tsx";
import { showError, showNotice } from "../shell/notices.tsx";
import { formatBytes, formatNumber, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { ClientJson } from "./broker-answers.ts";

export type ClientDialogProps = {
  readonly live: Live;
  /** As the list has it; undefined: the dialog is closed. */
  readonly client: ClientJson | undefined;
  readonly onClose: () => void;
  readonly onDisconnected: () => Promise<void>;
};

const toPath = (id: string) => `clients/${encodeURIComponent(id)}`;

export function ClientDialog({ live, client, onClose, onDisconnected }: ClientDialogProps) {
  const [isAsking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
    onClose();
  };
  const disconnect = async () => {
    if (!client) return;
    try {
      await live.api.ask(toPath(client.client_id), { method: "DELETE" });
      showNotice(say("broker.disconnected", { id: client.client_id }));
    } catch (error) {
      showError(error);
    }
    close();
    await onDisconnected();
  };
  const id = client?.client_id ?? "";
  const title = isAsking ? say("broker.disconnectTitle") : say("broker.details", { id });
  return (
    <Dialog title={title} isOpen={client !== undefined} onClose={close}>
      {client && isAsking && (
        <Confirmation id={id} onConfirm={disconnect} onCancel={() => setAsking(false)} />
      )}
      {client && !isAsking && (
        <Details key={id} live={live} client={client} onAsk={() => setAsking(true)} />
      )}
    </Dialog>
  );
}

type ConfirmationProps = {
  readonly id: string;
  readonly onConfirm: () => Promise<void>;
  readonly onCancel: () => void;
};

function Confirmation({ id, onConfirm, onCancel }: ConfirmationProps) {
  return (
    <>
      <p>
        <code>
          <bdi>{id}</bdi>
        </code>
      </p>
      <p>{say("broker.disconnectWords")}</p>
      <p class="choices">
        <button type="button" onClick={onCancel}>
          {say("broker.cancel")}
        </button>
        <button type="button" class="danger" onClick={onConfirm}>
          {say("broker.disconnect")}
        </button>
      </p>
    </>
  );
}

type DetailsProps = {
  readonly live: Live;
  readonly client: ClientJson;
  readonly onAsk: () => void;
};

function Details({ live, client, onAsk }: DetailsProps) {
  const [whole, setWhole] = useState(client);
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    live.api.ask<ClientJson>(toPath(client.client_id)).then(setWhole, (error: unknown) => {
      // What the list had is still shown.
      if (error instanceof ProblemError && error.code === "client_unknown") setGone(true);
    });
  }, [live, client]);
  return (
    <>
      {isGone && <p class="failure">{say("broker.gone")}</p>}
      <dl class="fact-list">
        {toFacts(whole).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <h3>{say("broker.clientFilters")}</h3>
      {whole.subscriptions.length === 0 && <p class="soft">{say("broker.none")}</p>}
      <ul class="addresses">
        {whole.subscriptions.map((filter) => (
          <li key={filter}>
            <code>{filter}</code>
          </li>
        ))}
      </ul>
      {!isGone && (
        <p class="choices">
          <button type="button" class="danger" onClick={onAsk}>
            {say("broker.disconnect")}
          </button>
        </p>
      )}
    </>
  );
}

function toFacts(client: ClientJson): readonly (readonly [string, string])[] {
  const seconds = (count: number) => {
    return count === 0 ? say("broker.none") : say("broker.seconds", { seconds: count });
  };
  const { queued, queued_bytes: queuedBytes, inflight } = client;
  const note = say("broker.queuedNote", { bytes: formatBytes(queuedBytes), inflight });
  return [
    [say("broker.user"), client.username ?? say("broker.none")],
    [say("broker.address"), client.address],
    [say("broker.door"), client.door],
    [say("broker.version"), client.version],
    [say("broker.connectedAt"), formatTime(Date.parse(client.connected_at))],
    [say("broker.keepalive"), seconds(client.keepalive)],
    [say("broker.sessionExpiry"), seconds(client.session_expiry)],
    [say("broker.queue"), `${formatNumber(queued)} (${note})`],
    [say("broker.unread"), formatBytes(client.unread_bytes)],
    [say("broker.leftOut"), formatNumber(client.left_out)],
  ];
}
