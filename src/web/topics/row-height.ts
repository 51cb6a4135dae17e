// How high a row of the tree is, in pixels: two lines on a phone. The style sheet has the same.

import { useEffect, useState } from "preact/hooks";

const ROW_REM = 2;
const PHONE_ROW_REM = 3.25;
const PHONE = "(width <= 40rem)";

export function useRowHeight(): number {
  const [heightPx, setHeightPx] = useState(readRowHeight);
  useEffect(() => {
    const query = matchMedia(PHONE);
    const follow = () => setHeightPx(readRowHeight());
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return heightPx;
}

function readRowHeight(): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return rem * (matchMedia(PHONE).matches ? PHONE_ROW_REM : ROW_REM);
}
