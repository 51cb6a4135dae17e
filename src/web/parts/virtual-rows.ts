// A long list of which only the rows that are seen are drawn, by @tanstack/virtual-core. Rows are
// of one height.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export type VirtualRowsOptions = {
  readonly count: number;
  readonly rowHeightPx: number;
  /** What scrolls. */
  readonly scroller: RefObject<HTMLElement | null>;
};

export type VirtualRows = Virtualizer<HTMLElement, HTMLElement>;

/** Rows beyond the edges, so that none is seen to come. */
const ROWS_BEYOND = 5;

/** To be called in a component, which is shown anew when other rows are seen. */
export function useVirtualRows(options: VirtualRowsOptions): VirtualRows {
  const { count, rowHeightPx, scroller } = options;
  const [, show] = useReducer((turn: number) => turn + 1, 0);
  const settings = {
    count,
    overscan: ROWS_BEYOND,
    estimateSize: () => rowHeightPx,
    getScrollElement: () => scroller.current,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => show(undefined),
  };
  const [rows] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(settings));
  rows.setOptions(settings);
  useLayoutEffect(() => rows._didMount(), []);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => rows.measure(), [rowHeightPx]);
  return rows;
}
