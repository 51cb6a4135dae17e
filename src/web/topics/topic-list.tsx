// The tree of topics: only the rows that are seen are drawn. The keyboard moves a cursor, and the
// reader of a screen hears the row that it is on.

import { useEffect, useRef } from "preact/hooks";
import type { Live } from "../live/live.ts";
import type { TopicNode } from "../live/topic-tree.ts";
import { useRowHeight } from "../parts/row-height.ts";
import { useVirtualRows, type VirtualRows } from "../parts/virtual-rows.ts";
import { goTo } from "../shell/route.ts";
import { say } from "../words/words.ts";
import type { Marks } from "./handler-marks.ts";
import { TopicRowView, toRowId } from "./topic-row.tsx";
import type { TopicRow } from "./topic-rows.ts";
import { toKeyEffect } from "./tree-keys.ts";
import type { TreeState } from "./tree-state.ts";

export type TopicListProps = {
  readonly live: Live;
  readonly state: TreeState;
  readonly marks: Marks;
  /** The topic that is shown beside the tree. */
  readonly chosen: string | undefined;
};

/** As in topic-list.css. */
const ROW_HEIGHTS = { rem: 2, phoneRem: 3.25 } as const;

export function TopicList({ live, state, marks, chosen }: TopicListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeightPx = useRowHeight(ROW_HEIGHTS);
  const { rows } = state.shown.value;
  const view = useVirtualRows({ count: rows.length, rowHeightPx, scroller });
  const cursor = state.cursor.value;
  state.beat.value; // The numbers of each row may have changed.
  const nowMs = live.now.value;
  useReveal(state, chosen, view);
  return (
    <div
      ref={scroller}
      class="topic-list"
      role="tree"
      tabIndex={0}
      aria-label={say("topics.title")}
      aria-activedescendant={cursor && toRowId(cursor)}
      onClick={(event) => followClick(event, state)}
      onKeyDown={(event) => followKey(event, state, view)}
    >
      <div class="topic-rows" role="presentation" style={{ height: `${view.getTotalSize()}px` }}>
        {view.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <TopicRowView
                key={row.node.key}
                row={row}
                index={index}
                startPx={start}
                nowMs={nowMs}
                marks={marks}
                isCursor={row.node === cursor}
                isChosen={row.node.topic === chosen}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

// A topic that the address names may come later than the page.
function useReveal(state: TreeState, chosen: string | undefined, view: VirtualRows): void {
  const revealed = useRef<string | undefined>(undefined);
  const beat = state.beat.value;
  useEffect(() => {
    if (chosen === undefined || revealed.current === chosen) {
      revealed.current = chosen;
      return;
    }
    if (state.cursor.peek()?.topic !== chosen && !state.reveal(chosen)) return;
    revealed.current = chosen;
    const at = findCursor(state.shown.peek().rows, state);
    if (at >= 0) view.scrollToIndex(at);
  }, [chosen, beat]);
}

// One listener for all rows, which come and go with the scrolling.
function followClick({ target }: Event, state: TreeState): void {
  if (!(target instanceof Element)) return;
  const element = target.closest<HTMLElement>(".topic-row");
  const row = state.shown.peek().rows[Number(element?.dataset.index)];
  if (!row) return;
  state.cursor.value = row.node;
  if (target.matches(".twisty.open, .twisty.closed")) state.open(row.node, !row.isOpen);
  else chooseNode(state, row.node);
}

function followKey(event: KeyboardEvent, state: TreeState, view: VirtualRows): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { rows } = state.shown.peek();
  const at = findCursor(rows, state);
  const { startIndex = 0, endIndex = 0 } = view.range ?? {};
  const effect = toKeyEffect(event.key, rows, at, endIndex - startIndex);
  if (!effect) return;
  event.preventDefault();
  if (effect.kind === "move") {
    state.cursor.value = rows[effect.to]?.node;
    view.scrollToIndex(effect.to);
    return;
  }
  const node = rows[at]?.node;
  if (!node) return;
  if (effect.kind === "choose") chooseNode(state, node);
  else state.open(node, effect.kind === "open");
}

function findCursor(rows: readonly TopicRow[], state: TreeState): number {
  const cursor = state.cursor.peek();
  return cursor ? rows.findIndex(({ node }) => node === cursor) : -1;
}

// A level without a message of its own has nothing to show but what is below.
function chooseNode({ shown, open }: TreeState, node: TopicNode): void {
  if (node.last || node.messages > 0) return goTo("topics", node.topic);
  const row = shown.peek().rows.find((one) => one.node === node);
  open(node, !row?.isOpen);
}
