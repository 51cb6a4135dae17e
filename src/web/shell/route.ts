// Where the reader is: the part of the address behind `#`, as `#/topics/rooms%2F1`. A page is its
// first level, the rest belongs to the page.

import { computed, signal } from "@preact/signals";

export const PAGES = [
  "topics",
  "publish",
  "flow",
  "handlers",
  "retained",
  "broker",
  "stage",
] as const;
export type PageName = (typeof PAGES)[number];

export type Route = {
  /** Undefined when there is no such page. */
  readonly page: PageName | undefined;
  /** What stands behind the page, decoded; undefined when nothing does. */
  readonly rest: string | undefined;
};

const hash = signal(globalThis.location?.hash ?? "");

export const route = computed(() => parseRoute(hash.value));

/** Follows the address until it is ended. */
export function followAddress(): () => void {
  const follow = () => {
    hash.value = location.hash;
  };
  addEventListener("hashchange", follow);
  follow();
  return () => removeEventListener("hashchange", follow);
}

export function toHash(page: PageName, rest?: string): string {
  return rest === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(rest)}`;
}

export function goTo(page: PageName, rest?: string): void {
  location.hash = toHash(page, rest);
}

export function parseRoute(text: string): Route {
  const [, name = "", rest] = /^#?\/?([^/]*)(?:\/(.*))?$/s.exec(text) ?? [];
  const page = name === "" ? "topics" : PAGES.find((one) => one === name);
  return { page, rest: rest === undefined ? undefined : decode(rest) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Somebody typed it.
  }
}
