// The embedded broker's limits: those of which it is known how much is used as bars, the others as
// a list with the words of the manual.

import { formatBytes, formatNumber } from "../words/quantities.ts";
import { say, sayIfKnown } from "../words/words.ts";
import type { LimitJson } from "./broker-answers.ts";

export type LimitBarsProps = { readonly limits: readonly LimitJson[] };

/** From so much on a bar warns. */
const FULL_FROM = 0.8;
const PERCENT = 100;

export function LimitBars({ limits }: LimitBarsProps) {
  const used = limits.filter((limit) => limit.used !== undefined);
  const others = limits.filter((limit) => limit.used === undefined);
  return (
    <section>
      <h2>{say("broker.limits")}</h2>
      <p class="soft">{say("broker.limitsWords")}</p>
      <ul class="limits">
        {used.map((limit) => (
          <LimitBar key={limit.name} limit={limit} />
        ))}
      </ul>
      <details>
        <summary>{say("broker.limitOthers")}</summary>
        <dl class="fact-list is-wide">
          {others.map(({ name, description, ...limit }) => (
            <div key={name}>
              <dt>
                <code>--{name}</code> <span class="soft">{description}</span>
              </dt>
              <dd>{formatValue(limit.value, limit.unit)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function LimitBar({ limit }: { readonly limit: LimitJson }) {
  const { name, value, unit, used = 0, description } = limit;
  const share = Math.min(1, used / Number(value));
  const facts = { used: formatValue(used, unit), value: formatValue(value, unit) };
  const words = limit.is_per_client
    ? say("broker.limitMost", facts)
    : say("broker.limitUsed", facts);
  const label = sayIfKnown("broker", `limit_${name.replaceAll("-", "_")}`) ?? description;
  return (
    <li class={share >= FULL_FROM ? "full" : ""} title={`--${name}`}>
      <span>{label}</span>
      <span class="numbers">{words}</span>
      <meter
        aria-label={label}
        value={share}
        max={1}
        aria-valuetext={words}
        style={{ "--share": `${share * PERCENT}%` }}
      />
    </li>
  );
}

function formatValue(value: number | string, unit: string | undefined): string {
  if (typeof value === "string") return value;
  if (unit === "bytes") return formatBytes(value);
  if (unit === "seconds") return say("broker.seconds", { seconds: value });
  return formatNumber(value);
}
