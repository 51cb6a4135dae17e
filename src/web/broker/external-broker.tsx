// How the bridge stands with a broker of somebody else: the connection, what that broker can do,
// what is subscribed to there, and what to look at when it does not connect.

import type { ComponentChildren } from "preact";
import { ProblemError } from "../live/problem-error.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { toErrorWords } from "../shell/error-words.ts";
import { formatAge, formatBytes, formatNumber, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { CapabilitiesJson, ExternalJson } from "./broker-answers.ts";

export type ExternalBrokerProps = { readonly broker: ExternalJson; readonly nowMs: number };

export function ExternalBroker({ broker, nowMs }: ExternalBrokerProps) {
  const { state, last_error: error } = broker;
  const isConnected = state === "connected";
  return (
    <>
      <p class="soft">{say("broker.external", { broker: broker.broker })}</p>
      {error && !isConnected && <LastError error={error} isConnected={isConnected} />}
      <Connection broker={broker} nowMs={nowMs} />
      {!isConnected && <Checks broker={broker.broker} />}
      <section>
        <h2>{say("broker.capabilities")}</h2>
        <Capabilities broker={broker} />
      </section>
      <section>
        <h2>{say("broker.filters")}</h2>
        {broker.filters.length === 0 && <p class="soft">{say("broker.noFilters")}</p>}
        <Filters filters={broker.filters} />
        {broker.refused_filters.length > 0 && <h3>{say("broker.refusedFilters")}</h3>}
        <Filters filters={broker.refused_filters} />
      </section>
      {error && isConnected && <LastError error={error} isConnected={isConnected} />}
    </>
  );
}

type LastErrorProps = {
  readonly error: NonNullable<ExternalJson["last_error"]>;
  readonly isConnected: boolean;
};

function LastError({ error, isConnected }: LastErrorProps) {
  const time = formatTime(Date.parse(error.at));
  const words = isConnected
    ? say("broker.lastError", { time })
    : say("broker.lastFailure", { time });
  const { code, message } = error;
  const { detail, hint } = toErrorWords(new ProblemError(code, message, error.hint, 0));
  return (
    <div class={isConnected ? "past" : "failure"} role={isConnected ? undefined : "alert"}>
      <strong>{words}</strong>
      <p>{detail}</p>
      {hint !== "" && <p>→ {hint}</p>}
      {detail !== message && (
        <p>
          <code>{code}</code>: {message}
        </p>
      )}
    </div>
  );
}

type Fact = readonly [name: string, value: ComponentChildren];

/** Names and values, one below the other. */
function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="fact-list">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Connection({ broker, nowMs }: ExternalBrokerProps) {
  const { state, since, mqtt_version: version, session_present: isPresent } = broker;
  const sinceMs = Date.parse(since);
  const facts = { time: formatTime(sinceMs), age: formatAge(nowMs - sinceMs) };
  const isGood = state === "connected";
  const words = (
    <>
      <strong class={isGood ? "good" : "warm"}>{say(`broker.state_${state}`)}</strong>{" "}
      <span class="soft">{say("broker.since", facts)}</span>
    </>
  );
  const session = isPresent ? say("broker.sessionResumed") : say("broker.sessionNew");
  return (
    <Facts
      facts={[
        [say("broker.state"), words],
        ...(version === undefined ? [] : [[say("broker.mqttVersion"), version] as const]),
        ...(isPresent === undefined ? [] : [[say("broker.session"), session] as const]),
        [say("broker.connections"), formatNumber(broker.connections)],
      ]}
    />
  );
}

function Capabilities({ broker }: { readonly broker: ExternalJson }) {
  const { capabilities, state } = broker;
  if (!capabilities) {
    const isConnected = state === "connected";
    const words = isConnected ? say("broker.capabilitiesUnknown") : say("broker.capabilitiesAway");
    return <p class="soft">{words}</p>;
  }
  return <Facts facts={toFacts(capabilities)} />;
}

function toFacts(capabilities: CapabilitiesJson): readonly Fact[] {
  const yesOrNo = (isGiven: boolean) => (isGiven ? say("broker.yes") : say("broker.no"));
  const { packet_bytes_max: bytesMax } = capabilities;
  return [
    [say("broker.qosMax"), capabilities.qos_max],
    [say("broker.canRetain"), yesOrNo(capabilities.retain)],
    [say("broker.canShare"), yesOrNo(capabilities.shared_subscriptions)],
    [say("broker.canIdentify"), yesOrNo(capabilities.subscription_identifiers)],
    [say("broker.receiveMaximum"), formatNumber(capabilities.receive_maximum)],
    [
      say("broker.packetBytesMax"),
      bytesMax === undefined ? say("broker.packetUnlimited") : formatBytes(bytesMax),
    ],
  ];
}

function Filters({ filters }: { readonly filters: readonly string[] }) {
  return (
    <ul class="addresses">
      {filters.map((filter) => (
        <li key={filter}>
          <code>{filter}</code>
        </li>
      ))}
    </ul>
  );
}

function Checks({ broker }: { readonly broker: string }) {
  const url = URL.canParse(broker) ? new URL(broker) : undefined;
  const line = `mosquitto_sub -h ${url?.hostname ?? broker} -p ${url?.port || 1883} -t '#' -C 1 -v`;
  return (
    <section>
      <h2>{say("broker.checks")}</h2>
      <ol class="checks">
        <li>{say("broker.checkAddress", { broker })}</li>
        <li>
          {say("broker.checkRuns")}
          <CopyLine text={line} label="mosquitto_sub" />
        </li>
        <li>{say("broker.checkLogin")}</li>
        <li>{say("broker.checkTls")}</li>
        <li>{say("broker.checkClientId")}</li>
      </ol>
    </section>
  );
}
