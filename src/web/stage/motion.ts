// Whether the reader wants things to stand still, as the system says.

import { signal } from "@preact/signals";

const wish = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

export const isMotionReduced = signal(wish?.matches ?? false);

wish?.addEventListener("change", ({ matches }) => {
  isMotionReduced.value = matches;
});
