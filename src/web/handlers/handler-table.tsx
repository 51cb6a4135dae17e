// All handlers with their figures, and what failed last. On a phone each is a card.

import type { ComponentChildren } from "preact";
import type { HandlerJson, LastFailureJson } from "../live/handler-answers.ts";
import type { Live } from "../live/live.ts";
import { toHash } from "../shell/route.ts";
import { formatDuration } from "../words/durations.ts";
import { formatAge, formatNumber, formatRate } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { toPlaceWords } from "./load-failures.tsx";

export type HandlerTableProps = {
  readonly live: Live;
  readonly handlers: readonly HandlerJson[];
};

const COLUMNS = [
  "handlers.state",
  "handlers.rate",
  "handlers.p50",
  "handlers.p99",
  "handlers.handled",
  "handlers.failed",
  "handlers.retried",
  "handlers.deadLetters",
] as const;
type Column = (typeof COLUMNS)[number];

export function HandlerTable({ live, handlers }: HandlerTableProps) {
  return (
    <table class="handler-table">
      <thead>
        <tr>
          <th scope="col">{say("handlers.handler")}</th>
          {COLUMNS.map((column) => (
            <th key={column} scope="col" class={column === "handlers.state" ? "" : "number"}>
              {say(column)}
            </th>
          ))}
        </tr>
      </thead>
      {handlers.map((handler) => (
        <tbody key={handler.name}>
          <HandlerRow handler={handler} />
          {handler.last_failure && (
            <FailureRow failure={handler.last_failure} nowMs={live.now.value} />
          )}
        </tbody>
      ))}
    </table>
  );
}

function HandlerRow({ handler }: { readonly handler: HandlerJson }) {
  const { name, topic, file, rate, p50_ms, p99_ms, handled, failed, retried } = handler;
  return (
    <tr>
      <th scope="row">
        <strong>{name}</strong>
        <span class="handler-links">
          {name !== topic && <code>{topic}</code>}
          <span class="soft">{file ?? say("handlers.noFile")}</span>
          <a href={toTreeHash(topic)}>{say("handlers.toTopic")}</a>
          <a href={toHash("publish", topic)}>{say("handlers.toPublish")}</a>
        </span>
      </th>
      <Cell column="handlers.state">
        <HandlerState handler={handler} />
      </Cell>
      <Cell column="handlers.rate">{formatRate(rate) || "–"}</Cell>
      <Cell column="handlers.p50">{p50_ms === undefined ? "–" : formatDuration(p50_ms)}</Cell>
      <Cell column="handlers.p99">{p99_ms === undefined ? "–" : formatDuration(p99_ms)}</Cell>
      <Cell column="handlers.handled">{formatNumber(handled)}</Cell>
      <Cell column="handlers.failed" isBad={failed > 0}>
        {formatNumber(failed)}
      </Cell>
      <Cell column="handlers.retried">{formatNumber(retried)}</Cell>
      <Cell column="handlers.deadLetters" isBad={handler.dead_letters > 0}>
        {formatNumber(handler.dead_letters)}
      </Cell>
    </tr>
  );
}

type CellProps = {
  readonly column: Column;
  readonly isBad?: boolean;
  readonly children: ComponentChildren;
};

// A card has no heads of columns: there each figure brings its own name.
function Cell({ column, isBad, children }: CellProps) {
  const kind = column === "handlers.state" ? "state" : "number";
  return (
    <td class={isBad ? `${kind} bad` : kind} data-name={say(column)}>
      {children}
    </td>
  );
}

function HandlerState({ handler }: { readonly handler: HandlerJson }) {
  const { running, waiting, stalled_ms } = handler;
  const isIdle = running === 0 && waiting === 0;
  return (
    <>
      {isIdle && <span class="badge soft">{say("handlers.idle")}</span>}
      {running > 0 && <span class="badge good">{say("handlers.running", { running })}</span>}{" "}
      {waiting > 0 && <span class="badge warm">{say("handlers.waiting", { waiting })}</span>}{" "}
      {stalled_ms > 0 && (
        <span class="badge bad" title={say("handlers.stalledHint")}>
          {say("handlers.stalled", { time: formatDuration(stalled_ms) })}
        </span>
      )}
    </>
  );
}

type FailureRowProps = { readonly failure: LastFailureJson; readonly nowMs: number };

function FailureRow({ failure, nowMs }: FailureRowProps) {
  const place = toPlaceWords(failure);
  const age = formatAge(nowMs - Date.parse(failure.at));
  return (
    <tr class="last-failure">
      <td colSpan={COLUMNS.length + 1}>
        <strong>{say("handlers.lastFailure", { age })}</strong>{" "}
        {place !== "" && <code>{place}</code>} <span>{failure.detail}</span>{" "}
        {failure.flow !== undefined && (
          <a href={toHash("flow", `${failure.flow}`)}>{say("handlers.seeFlow")}</a>
        )}
      </td>
    </tr>
  );
}

/** A pattern is no place in the tree: what stands before its first parameter is. */
export function toTreeHash(pattern: string): string {
  const [before = ""] = pattern.split(/\/?[{+#]/);
  return before === "" ? toHash("topics") : toHash("topics", before);
}
