// The page "Broker", at #/broker: of the embedded broker its figures, limits and clients; of an
// external one, how the bridge stands with it.

import { useEffect, useMemo } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { ErrorBox } from "../shell/error-box.tsx";
import { formatAge } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { EmbeddedJson } from "./broker-answers.ts";
import { type BrokerPolling, createBrokerPolling } from "./broker-polling.ts";
import { BrokerTiles } from "./broker-tiles.tsx";
import { ClientSection } from "./client-section.tsx";
import { ExternalBroker } from "./external-broker.tsx";
import { LimitBars } from "./limit-bars.tsx";

export type BrokerPageProps = { readonly live: Live };

const MS_PER_SECOND = 1_000;

export function BrokerPage({ live }: BrokerPageProps) {
  const polling = useMemo(() => createBrokerPolling(live), [live]);
  useEffect(polling.start, [polling]);
  const broker = polling.broker.value;
  const error = polling.error.value;
  return (
    <div class="broker-page">
      <h1>{say("broker.title")}</h1>
      {error !== undefined && <ErrorBox error={error} />}
      {!broker && error === undefined && <p class="soft">{say("broker.loading")}</p>}
      {broker?.kind === "external" && <ExternalBroker broker={broker} nowMs={live.now.value} />}
      {broker?.kind === "embedded" && <Embedded live={live} broker={broker} polling={polling} />}
    </div>
  );
}

type EmbeddedProps = {
  readonly live: Live;
  readonly broker: EmbeddedJson;
  readonly polling: BrokerPolling;
};

function Embedded({ live, broker, polling }: EmbeddedProps) {
  const uptime = formatAge(broker.uptime_seconds * MS_PER_SECOND);
  return (
    <>
      <p class="soft">{say("broker.embedded", { version: broker.version, uptime })}</p>
      <BrokerTiles broker={broker} rates={polling.rates.value} />
      <ClientSection live={live} polling={polling} listeners={broker.listeners} />
      <LimitBars limits={broker.limits} />
      <section>
        <h2>{say("broker.listeners")}</h2>
        {broker.listeners.length === 0 && <p>{say("broker.noListeners")}</p>}
        <ul class="addresses">
          {broker.listeners.map(({ address }) => (
            <li key={address}>
              <code>{address}</code>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
