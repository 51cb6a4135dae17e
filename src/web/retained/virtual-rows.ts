// Which rows of a long list are in the window of its scroller: only those are in the page. All rows
// have the same height.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export type VirtualRows = {
  readonly heightPx: number;
  readonly items: readonly VirtualItem[];
};

/** Rows beyond the window, above and below it. */
const OVERSCAN = 8;

export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeightPx: number,
): VirtualRows {
  const [, redraw] = useState(0);
  const toOptions = () => ({
    count,
    estimateSize: () => rowHeightPx,
    getScrollElement: () => scroller.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: OVERSCAN,
    onChange: () => redraw((times) => times + 1),
  });
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(toOptions()));
  virtualizer.setOptions(toOptions());
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeightPx]);
  return { heightPx: virtualizer.getTotalSize(), items: virtualizer.getVirtualItems() };
}
