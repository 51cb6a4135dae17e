// The keys of the page: single letters where nobody writes, so that a form keeps its own, and where
// no dialog is open, so that none leads away from behind it.

import { signal } from "@preact/signals";
import { goTo } from "./route.ts";

export const isHelpOpen = signal(false);

/** Marks the field that `/` goes to: `<input {...SEARCH_FIELD}>`. */
export const SEARCH_FIELD = { "data-search": "" } as const;

const KEYS: Readonly<Record<string, () => void>> = {
  "/": () => void findSearch(),
  "?": () => {
    isHelpOpen.value = true;
  },
  p: () => goTo("publish"),
  s: () => goTo("stage"),
};

/** Follows the keys until it is ended. */
export function followKeys(): () => void {
  const follow = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isWriting(event.target) || isDialogOpen()) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", follow);
  return () => removeEventListener("keydown", follow);
}

// Pages other than the topics may have a search of their own.
function findSearch(): void {
  const field = document.querySelector<HTMLElement>("[data-search]");
  if (field) return field.focus();
  goTo("topics");
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-search]")?.focus());
}

/** Not what the page means to show: a dialog that Escape has closed says so a moment later. */
export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** Single letters go into the field then. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]")
  );
}
