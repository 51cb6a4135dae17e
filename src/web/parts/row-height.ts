// How high a row of a long list is, in pixels: on a phone it has more lines, and is higher. The
// style sheets have the same heights. Used by the tree of topics and by the retained messages.

import { useEffect, useState } from "preact/hooks";

export type RowHeights = {
  readonly rem: number;
  readonly phoneRem: number;
};

const PHONE = "(width <= 40rem)";

/** `heights` are the same in each call. */
export function useRowHeight(heights: RowHeights): number {
  const [heightPx, setHeightPx] = useState(() => readRowHeight(heights));
  useEffect(() => {
    const query = matchMedia(PHONE);
    const follow = () => setHeightPx(readRowHeight(heights));
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, [heights]);
  return heightPx;
}

function readRowHeight({ rem, phoneRem }: RowHeights): number {
  const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return remPx * (matchMedia(PHONE).matches ? phoneRem : rem);
}
