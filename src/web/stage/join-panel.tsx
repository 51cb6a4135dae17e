// How somebody in the room comes in: the QR code and the addresses.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";
import { type JoinAddress, toJoinAddress, toMqttAddress } from "./join-address.ts";
import { QrPicture } from "./qr-picture.tsx";

export type JoinPanelProps = { readonly live: Live; readonly onClose: () => void };

export function JoinPanel({ live, onClose }: JoinPanelProps) {
  const address = findJoinAddress(live);
  return (
    <aside class="join" aria-label={say("stage.joinTitle")}>
      <header>
        <h2>{say("stage.joinTitle")}</h2>
        <button type="button" class="quiet" onClick={onClose}>
          {say("stage.close")}
        </button>
      </header>
      {address ? <Ways address={address} /> : <p>{say("stage.joinUnknown")}</p>}
    </aside>
  );
}

function Ways({ address }: { readonly address: JoinAddress }) {
  const { page, mqtt, isTokenAsked } = address;
  if (page === undefined) {
    return (
      <p class="join-alone">
        {say("stage.joinAlone")} <code>viaduto --lan</code>
      </p>
    );
  }
  return (
    <>
      <QrPicture text={page} label={say("stage.joinCode", { address: page })} />
      <dl>
        <dt>{say("stage.joinPage")}</dt>
        <dd>
          <code>{page}</code>
        </dd>
        {mqtt !== undefined && <dt>{say("stage.joinDevices")}</dt>}
        {mqtt !== undefined && (
          <dd>
            <code>{mqtt}</code>
          </dd>
        )}
      </dl>
      {isTokenAsked && <p class="soft">{say("stage.joinToken")}</p>}
    </>
  );
}

/** Undefined until the bridge has said how it is reached. */
export function findJoinAddress({ access, api }: Live): JoinAddress | undefined {
  const state = access.state.value;
  if (state.kind !== "granted") return undefined;
  return toJoinAddress(state.home.reach, api.toUrl("").href);
}

/** Of the embedded broker, or of the one that the bridge is connected to. */
export function findMqttAddress(live: Live): string | undefined {
  const state = live.feed.state.value;
  const label = state.kind === "open" ? state.broker?.broker : undefined;
  const address = findJoinAddress(live);
  return address && toMqttAddress(address, label);
}
