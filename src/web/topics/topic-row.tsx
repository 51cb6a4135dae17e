// One row of the tree of topics: its name, last value, count, rate and age.

import { useMemo } from "preact/hooks";
import { readRate } from "../live/rate.ts";
import type { TopicNode } from "../live/topic-tree.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { formatAge, formatRate, formatShort } from "../words/quantities.ts";
import { language } from "../words/reader-language.ts";
import { say } from "../words/words.ts";
import type { HandlerMark, Marks } from "./handler-marks.ts";
import type { TopicRow } from "./topic-rows.ts";
import { toValueWords } from "./value-words.ts";

export type TopicRowProps = {
  readonly row: TopicRow;
  /** In the list, for whoever finds the element. */
  readonly index: number;
  /** Of the list's top. */
  readonly startPx: number;
  readonly nowMs: number;
  readonly marks: Marks;
  readonly isCursor: boolean;
  readonly isChosen: boolean;
};

/** What changes more often than this is not lit up each time: nothing on a page should flicker. */
const CALM_PER_SECOND = 2;
const FRESH_MS = 1_500;

export function TopicRowView(props: TopicRowProps) {
  const { row, index, startPx, nowMs, marks, isCursor, isChosen } = props;
  const { node, isOpen, position, siblings } = row;
  // The same nodes are drawn while nothing has changed, also while the list scrolls.
  const cells = useMemo(
    () => <RowCells row={row} nowMs={nowMs} marks={marks} />,
    [node, isOpen, node.version, nowMs, marks, language.value],
  );
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and names this row.
    <div
      id={toRowId(node)}
      class={isCursor ? "topic-row cursor" : "topic-row"}
      data-index={index}
      role="treeitem"
      aria-level={node.depth}
      aria-expanded={isOpen}
      aria-selected={isChosen}
      aria-posinset={position}
      aria-setsize={siblings}
      style={{ transform: `translateY(${startPx}px)`, "--depth": String(node.depth - 1) }}
    >
      {cells}
    </div>
  );
}

export function toRowId({ key }: TopicNode): string {
  return `topic-row-${key}`;
}

type RowCellsProps = Pick<TopicRowProps, "row" | "nowMs" | "marks">;

function RowCells({ row: { node, isOpen }, nowMs, marks }: RowCellsProps) {
  const { below, last } = node;
  const rate = readRate(below.rate, nowMs);
  const others = below.topics - (node.messages > 0 || last ? 1 : 0);
  const mark = node.messages > 0 || last ? marks.find(node.topic) : undefined;
  return (
    <>
      {isOpen !== true && <Glow node={node} rate={rate} nowMs={nowMs} />}
      <span class="topic-name">
        <span class={`twisty ${toTwistyName(isOpen)}`} aria-hidden="true" />
        <bdi>{node.name === "" ? say("topics.emptyLevel") : showMarks(node.name)}</bdi>
        {mark && <HandlerBadge mark={mark} />}
      </span>
      <span class="topic-value">
        {last && <bdi>{toValueWords(last)}</bdi>}
        {others > 0 && <span class="soft">{say("topics.below", { count: others })}</span>}
      </span>
      <span class="topic-count">{formatShort(below.messages)}</span>
      <span class="topic-rate">{formatRate(rate)}</span>
      <span class="topic-age">{below.changedAtMs > 0 && formatAge(nowMs - below.changedAtMs)}</span>
    </>
  );
}

// The keyboard opens with the arrows, and the row itself tells that it can be opened.
function toTwistyName(isOpen: boolean | undefined): string {
  if (isOpen === undefined) return "none";
  return isOpen ? "open" : "closed";
}

function HandlerBadge({ mark: { name, topic, type } }: { mark: HandlerMark }) {
  const facts = { name, topic, type: type ?? "" };
  const title = type === undefined ? say("topics.handled", facts) : say("topics.typed", facts);
  return (
    <span class="badge handler-mark" title={title}>
      {type ?? say("topics.handler")}
    </span>
  );
}

type GlowProps = { readonly node: TopicNode; readonly rate: number; readonly nowMs: number };

// Another key makes the browser begin its animation anew.
function Glow({ node: { below }, rate, nowMs }: GlowProps) {
  const { atMs } = below.rate;
  if (atMs === 0 || nowMs - atMs > FRESH_MS) return null;
  if (rate > CALM_PER_SECOND) return <span class="glow steady" aria-hidden="true" />;
  return <span class="glow" key={atMs} aria-hidden="true" />;
}
