// The embedded broker's figures as tiles: what flows, who is there, what waits, what was left out.

import { formatBytes, formatNumber, formatShort } from "../words/quantities.ts";
import { say, sayIfKnown } from "../words/words.ts";
import type { EmbeddedJson } from "./broker-answers.ts";
import type { Rates } from "./broker-rates.ts";

export type BrokerTilesProps = {
  readonly broker: EmbeddedJson;
  readonly rates: Rates | undefined;
};

type TileProps = {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isBad?: boolean;
};

export function BrokerTiles({ broker, rates }: BrokerTilesProps) {
  return (
    <section aria-label={say("broker.figures")}>
      <dl class="tiles">
        {[...toTraffic(broker, rates), ...toKept(broker)].map((tile) => (
          <Tile key={tile.name} {...tile} />
        ))}
      </dl>
    </section>
  );
}

function Tile({ name, value, note, isBad }: TileProps) {
  return (
    <div class={isBad ? "tile bad" : "tile"}>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <small>{note}</small>
      </dd>
    </div>
  );
}

function toTraffic({ messages, bytes }: EmbeddedJson, rates: Rates | undefined): TileProps[] {
  const perSecond = (rate: number | undefined) => {
    if (rate === undefined) return "…";
    return `${formatNumber(rate, rate < 10 ? 1 : 0)}/s`;
  };
  const bytesPerSecond = (rate: number | undefined) => {
    return rate === undefined ? "…" : `${formatBytes(Math.round(rate))}/s`;
  };
  const since = (total: string) => say("broker.sinceStart", { total });
  return [
    {
      name: say("broker.messagesIn"),
      value: perSecond(rates?.messagesIn),
      note: since(formatShort(messages.in)),
    },
    {
      name: say("broker.messagesOut"),
      value: perSecond(rates?.messagesOut),
      note: since(formatShort(messages.out)),
    },
    {
      name: say("broker.bytesIn"),
      value: bytesPerSecond(rates?.bytesIn),
      note: since(formatBytes(bytes.in)),
    },
    {
      name: say("broker.bytesOut"),
      value: bytesPerSecond(rates?.bytesOut),
      note: since(formatBytes(bytes.out)),
    },
  ];
}

function toKept(broker: EmbeddedJson): TileProps[] {
  const { sessions, queued, retained } = broker;
  const dropped = Object.entries(broker.dropped).filter(([, number]) => number > 0);
  const causes = dropped.map(([cause, number]) => {
    const words = sayIfKnown("broker", `cause_${cause}`) ?? `${cause}: {number}`;
    return words.replace("{number}", formatNumber(number));
  });
  const total = dropped.reduce((sum, [, number]) => sum + number, 0);
  return [
    {
      name: say("broker.clientsNow"),
      // One is the bridge's own.
      value: formatNumber(Math.max(0, sessions.connected - 1)),
      note: say("broker.clientsNote", { away: sessions.away }),
    },
    {
      name: say("broker.subscriptions"),
      value: formatNumber(broker.subscriptions),
      note: say("broker.sharedNote", { shared: broker.shared_subscriptions }),
    },
    {
      name: say("broker.retained"),
      value: formatNumber(retained.messages),
      note: formatBytes(retained.payload_bytes),
    },
    {
      name: say("broker.queued"),
      value: formatNumber(queued.messages),
      note: say("broker.queuedNote", {
        bytes: formatBytes(queued.bytes),
        inflight: queued.inflight,
      }),
    },
    {
      name: say("broker.dropped"),
      value: formatNumber(total),
      note: total === 0 ? say("broker.droppedNone") : causes.join("; "),
      isBad: total > 0,
    },
    {
      name: say("broker.refused"),
      value: formatNumber(broker.refused),
      note: say("broker.refusedNote"),
      isBad: broker.refused > 0,
    },
  ];
}
